// usher-thread.js - draws the log of a session, and what is on its way, as a list of messages.
// SPDX-License-Identifier: MIT
//
// The same for visitor and agent; what a fact is called comes from the texts.

import {clockTime, el, fill, icon, ICONS, keepChildren, richText} from './usher-page.js';

const WINDOW = 60;              // as many lines at first; older ones when asked for
const NEAR_END_PX = 60;
const GROUP_MS = 300000;

function isMine(link, by) {
    return by.kind === link.as && (by.kind === 'visitor' || by.id === link.me?.agent);
}

export class Thread {
    // retry(entry), edit(entry) and discard(entry) act on what was not sent.
    constructor(link, texts, actions) {
        this._link = link;
        this._texts = texts;
        this._actions = actions;
        this._nodes = new Map();
        this._log = null;
        this._size = WINDOW;
        this._older = el('button.older', {type: 'button', onclick: () => this._showOlder()},
                         texts.older);
        this._list = el('div.lines', {role: 'log', 'aria-live': 'polite',
                                      'aria-label': texts.log_label});
        this._typing = el('p.typing', {role: 'status'});
        this.node = el('div.thread', {tabindex: '0', onscroll: () => this._scrolled()},
                       this._older, this._list, this._typing);
        this._at_end = true;
        this._pixels = new ResizeObserver(() => this._stick());
        this._pixels.observe(this.node);
        this._pixels.observe(this._list);
    }

    // log may be null: the session is yet to be opened.
    draw(log) {
        if (log?.id !== this._log?.id && this._log !== null) {
            this._nodes.clear();
            this._size = WINDOW;
            this._at_end = true;
        }
        this._log = log;
        const facts = (log?.list() ?? []).filter((fact) => this._line(fact) !== null);
        const shown = facts.slice(-this._size);
        const nodes = [];
        shown.forEach((fact, i) => nodes.push(this._factNode(fact, shown[i - 1])));
        for (const entry of this._pending(log)) {
            nodes.push(this._entryNode(entry));
        }
        this._older.hidden = shown.length === facts.length
            && (log === null || log.public.first <= 1 || !log.more);
        const from_end = this.node.scrollHeight - this.node.scrollTop;
        const first = this._list.firstChild;
        keepChildren(this._list, nodes);
        this._drawTyping(log);
        if (this._at_end) {
            this._stick();
        } else if (first !== null && this._list.firstChild !== first) {
            this.node.scrollTop = this.node.scrollHeight - from_end;
        }
    }

    toEnd() {
        this._at_end = true;
        this._stick();
    }

    _stick() {
        if (this._at_end) {
            this.node.scrollTop = this.node.scrollHeight;
        }
    }

    _scrolled() {
        const below = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
        this._at_end = below < NEAR_END_PX;
    }

    // First from what is here, then from the desk.
    async _showOlder() {
        const here = this._log.list().length;
        this._at_end = false;
        this._size += WINDOW;
        if (here < this._size && this._log.public.first > 1 && this._log.more) {
            this._older.disabled = true;
            await this._link.history(this._log.id).catch(() => {});
            this._older.disabled = false;
        }
        this.draw(this._log);
    }

    _pending(log) {
        const texts = (entry) => entry.command.body !== undefined;
        const here = this._link.pending(log?.id ?? null).filter(texts);
        if (this._link.as === 'agent') {
            return here;
        }
        // A visitor has one list, so that what was meant for another session stands here too.
        const unopened = log === null ? [] : this._link.pending(null).filter(
            (entry) => texts(entry) && entry.failed === undefined);
        return [...new Set([...this._link.orphans().filter(texts), ...here, ...unopened])];
    }

    // The words for a fact that is no message; null: it is not shown.
    _line(fact) {
        if (fact.type === 'said' || fact.type === 'whispered') {
            return '';
        }
        return this._texts.fact(fact, this._link) ?? null;
    }

    _factNode(fact, before) {
        const id = `${fact.log ?? 'public'}.${fact.index}`;
        let kept = this._nodes.get(id);
        if (kept === undefined) {
            const line = this._line(fact);
            kept = {node: line === '' ? this._message(fact, before) : el('p.event', {}, line)};
            kept.tick = kept.node.querySelector('.tick');
            this._nodes.set(id, kept);
        }
        if (kept.tick !== null) {
            const other = this._link.as === 'visitor' ? 'agent' : 'visitor';
            const seen = this._log.seen[other] >= fact.index;
            const text = seen ? this._texts.seen : this._texts.sent;
            if (kept.tick.textContent !== text) {
                kept.tick.textContent = text;
                kept.tick.classList.toggle('read', seen);
            }
        }
        return kept.node;
    }

    _message(fact, before) {
        const mine = isMine(this._link, fact.by);
        const internal = fact.type === 'whispered';
        const node = el(`article.message.${internal ? 'internal' : fact.by.kind}`);
        const more = before !== undefined && before.type === fact.type
            && before.by.kind === fact.by.kind && before.by.id === fact.by.id
            && fact.at - before.at < GROUP_MS;
        node.classList.toggle('mine', mine);
        node.classList.toggle('more', more);
        node.append(this._author(fact.by, mine, internal, more));
        node.append(el('div.bubble', {dir: 'auto'}, richText(fact.body)));
        const time = el('time', {datetime: new Date(fact.at).toISOString()}, clockTime(fact.at));
        node.append(el('p.meta', {}, time, mine && !internal ? el('span.tick') : null));
        return node;
    }

    // Who speaks, and of what kind he is, is always said.
    _author(by, mine, internal, more) {
        const name = mine ? this._texts.you : by.name || this._texts.kinds[by.kind];
        const kind = this._texts.kinds[by.kind] ?? by.kind;
        const parts = [el('span.name', {dir: 'auto'}, name)];
        if (name !== kind && !(mine && by.kind === 'visitor')) {
            parts.push(el(`span.kind.${by.kind}`, {}, kind));
        }
        if (internal) {
            parts.push(el('span.secret', {}, icon(ICONS.lock), this._texts.internal));
        }
        const author = el('p.author', {}, ...parts);
        author.classList.toggle('aside', more && !internal);
        return author;
    }

    _entryNode(entry) {
        const id = `out.${entry.key}.${entry.failed?.why ?? ''}`;
        let kept = this._nodes.get(id);
        if (kept === undefined) {
            kept = {node: this._unsent(entry)};
            this._nodes.set(id, kept);
        }
        return kept.node;
    }

    _unsent(entry) {
        const internal = entry.command.type === 'whisper';
        const node = el(`article.message.mine.unsent.${internal ? 'internal' : this._link.as}`, {},
                        el('div.bubble', {dir: 'auto'}, richText(entry.command.body)));
        if (entry.failed === undefined) {
            node.append(el('p.meta', {}, el('span.tick', {}, this._texts.sending)));
            return node;
        }
        const why = this._texts.whys[entry.failed.why] ?? entry.failed.text;
        const button = (text, act) => el('button.small', {type: 'button',
                                                          onclick: () => act(entry)}, text);
        const again = this._link.sessions.get(entry.command.session)?.open
            && entry.failed.why !== 'too_large';
        node.classList.add('failed');
        node.append(el('p.meta', {role: 'alert'}, fill(this._texts.not_sent, {why})),
                    el('p.choices', {},
                       again ? button(this._texts.retry, this._actions.retry) : null,
                       button(this._texts.edit, this._actions.edit),
                       button(this._texts.discard, this._actions.discard)));
        return node;
    }

    _drawTyping(log) {
        const by = log?.typing?.by;
        const text = by === undefined ? '' : fill(this._texts.typing, {
            who: by.name || this._texts.kinds[by.kind]});
        if (this._typing.textContent !== text) {
            this._typing.textContent = text;
        }
    }
}
