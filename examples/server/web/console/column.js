// column.js - one session as an agent works on it: messages, reply or note, transfer, end.
// SPDX-License-Identifier: MIT

import {byteLength} from '../usher-text.js';
import {el, fill, growing, icon, ICONS, sendsOnEnter} from '../usher-page.js';
import {Thread} from '../usher-thread.js';
import {queueName} from './texts.js';

export class Column {
    // desk: what the page does on our behalf: hide(id), clear(id), back().
    constructor(link, texts, id, desk) {
        this.id = id;
        this._link = link;
        this._texts = texts;
        this._desk = desk;
        this._internal = false;
        this._called = '';              // what the visitor is called here
        this._drawer = '';              // '', 'move' or 'end'
        this._drafts = ['', ''];
        this._thread = new Thread(link, texts, {
            retry: (entry) => link.retry(entry.key),
            edit: (entry) => this._edit(entry),
            discard: (entry) => link.discard(entry.key)});
        this._buildHead();
        this._buildDrawers();
        this._buildComposer();
        this.node = el('section.column', {'aria-labelledby': `name-${id}`,
                                          onkeydown: (event) => this._key(event)},
                       this._head, this._move, this._sure, this._thread.node,
                       this._over, this._composer);
    }

    get log() {
        return this._link.sessions.get(this.id);
    }

    focus() {
        this._area.focus({preventScroll: true});
        this._thread.toEnd();
    }

    _buildHead() {
        const button = (name, text, act) => el(`button.${name}`, {type: 'button', onclick: act},
                                               text);
        this._name = el('h2', {id: `name-${this.id}`, dir: 'auto'});
        this._about = el('p.about', {dir: 'auto'});
        this._transfer = button('quiet', this._texts.transfer, () => this._open('move'));
        this._end = button('quiet', this._texts.end, () => this._open('end'));
        this._head = el('header', {},
                        this._square('back', this._texts.back, () => this._desk.back()),
                        el('div.who', {}, this._name, this._about), this._transfer, this._end,
                        this._square('close', this._texts.hide,
                                     () => this._desk.hide(this.id)));
    }

    _square(name, label, act, type = 'button') {
        return el(`button.square.${name}`, {type, title: label, 'aria-label': label,
                                            onclick: act}, icon(ICONS[name]));
    }

    _buildDrawers() {
        this._move = el('div.drawer', {role: 'group', 'aria-label': this._texts.transfer});
        this._sure = el('div.drawer', {role: 'group', 'aria-label': this._texts.end_sure},
                        el('p', {}, this._texts.end_sure),
                        el('div.choices', {},
                           el('button.danger', {type: 'button', onclick: () => {
                               this._open('');
                               this._link.close(this.id);
                           }}, this._texts.end_yes),
                           el('button', {type: 'button', onclick: () => this._open('')},
                              this._texts.cancel)));
        this._why = el('p');
        this._reopen = el('button', {type: 'button', onclick: () => this._link.reopen(this.id)},
                          this._texts.reopen);
        this._over = el('div.over', {}, this._why, el('div.choices', {}, this._reopen,
            el('button', {type: 'button', onclick: () => this._desk.clear(this.id)},
               this._texts.clear)));
    }

    _buildComposer() {
        const mode = (internal, text) => el('button', {
            type: 'button', onclick: () => this._mode(internal)}, text);
        this._modes = [mode(false, this._texts.reply), mode(true, this._texts.note)];
        this._area = el('textarea', {rows: '1'});
        this._fit = growing(this._area);
        this._area.addEventListener('input', () => this._typed());
        sendsOnEnter(this._area, () => this._send());
        this._count = el('p.count', {role: 'alert'});
        this._go = this._square('send', this._texts.send, null, 'submit');
        this._composer = el('form.composer', {onsubmit: (event) => {
            event.preventDefault();
            this._send();
        }}, el('div.modes', {role: 'group'}, ...this._modes), this._count,
                            el('div.line', {}, this._area, this._go));
        this._mode(false);
    }

    // ---- drawing --------------------------------------------------------

    draw(name) {
        const log = this.log;
        if (log === undefined) {
            return;
        }
        const mine = log.mine && log.open;
        this._setText(this._name, name);
        this._setText(this._about, this._aboutText(log));
        this._thread.draw(log);
        this._transfer.hidden = !mine;
        this._end.hidden = !mine;
        this._move.hidden = this._drawer !== 'move' || !mine;
        this._sure.hidden = this._drawer !== 'end' || !mine;
        this._composer.hidden = !mine;
        this._over.hidden = mine;
        this._reopen.hidden = log.open;
        this._setText(this._why, !log.open ? this._texts.ended : this._texts.passed);
        this._called = name;
        this._hint();
    }

    // Read what is on the screen.
    read() {
        if (this.log?.current) {
            this._link.seen(this.id);
        }
    }

    _setText(node, text) {
        if (node.textContent !== text) {
            node.textContent = text;
        }
    }

    _aboutText(log) {
        const here = log.here.visitor;
        return [queueName(log.queue, this._link), log.visitor.email,
                !log.open || here === undefined ? '' : here ? this._texts.here
                    : this._texts.gone].filter(Boolean).join(' · ');
    }

    _open(drawer) {
        this._drawer = this._drawer === drawer ? '' : drawer;
        this._move.hidden = this._drawer !== 'move';
        this._sure.hidden = this._drawer !== 'end';
        if (this._drawer === 'move') {
            this._fillMove();
        }
        const first = {move: this._move, end: this._sure}[this._drawer];
        (first?.querySelector('button') ?? this._area).focus();
    }

    _fillMove() {
        const button = (text, to) => el('button', {type: 'button', dir: 'auto', onclick: () => {
            this._open('');
            this._link.move(this.id, to);
        }}, text);
        const queues = this._link.me.queues.filter((queue) => queue.open !== false);
        const agents = this._link.me.agents.filter((agent) => agent.id !== this._link.me.agent);
        this._move.replaceChildren(
            el('p', {}, this._texts.to_queue),
            el('div.choices', {}, ...queues.map((queue) => button(queue.name || queue.id,
                                                                  {queue: queue.id}))),
            ...agents.length === 0 ? [] : [
                el('p', {}, this._texts.to_agent),
                el('div.choices', {}, ...agents.map((agent) => button(agent.name || agent.id,
                                                                      {agent: agent.id})))],
            el('div.choices', {}, el('button.quiet', {type: 'button',
                                                      onclick: () => this._open('')},
                                     this._texts.cancel)));
    }

    // ---- writing --------------------------------------------------------

    // Each of the two has its own draft, so that a note never goes out as a reply.
    _mode(internal) {
        this._drafts[Number(this._internal)] = this._area.value;
        this._internal = internal;
        this._area.value = this._drafts[Number(internal)];
        this._modes.forEach((button, i) => {
            button.setAttribute('aria-pressed', String(Boolean(i) === internal));
        });
        this._composer.classList.toggle('internal', internal);
        this._hint();
        this._area.setAttribute('aria-label', internal ? this._texts.note_label
            : this._texts.reply);
        this._go.title = internal ? this._texts.add_note : this._texts.send;
        this._go.setAttribute('aria-label', this._go.title);
        this._fit();
        this._area.focus({preventScroll: true});
    }

    _hint() {
        this._area.placeholder = this._internal ? this._texts.note_hint
            : fill(this._texts.reply_hint, {who: this._called});
    }

    _typed() {
        const over = byteLength(this._area.value.trim()) - this._link.limits.body;
        this._setText(this._count, over > 0 ? fill(this._texts.too_long, {n: over}) : '');
        this._fit();
        if (this._area.value !== '' && !this._internal) {
            this._link.typing(this.id);
        }
    }

    _send() {
        const body = this._area.value.trim();
        if (body === '' || byteLength(body) > this._link.limits.body) {
            return;
        }
        this._area.value = '';
        this._typed();
        if (this._internal) {
            this._link.whisper(this.id, body);
        } else {
            this._link.say(this.id, body);
        }
        this._thread.toEnd();
    }

    _edit(entry) {
        this._mode(entry.command.type === 'whisper');
        this._area.value = [entry.command.body, this._area.value].filter(Boolean).join('\n');
        this._link.discard(entry.key);
        this._typed();
    }

    _key(event) {
        if (event.key === 'Escape' && this._drawer !== '') {
            this._open('');
        }
    }
}
