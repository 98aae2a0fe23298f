// column.js - one session as an agent works on it: who it is, the messages, transfer, end, reply.
// SPDX-License-Identifier: MIT

import {el, icon, ICONS} from '../usher-page.js';
import {Composer} from './composer.js';
import {shortcut} from './keys.js';
import {LongThread} from './long-thread.js';
import {queueName} from './texts.js';

const PERSON = 'M12 4a4 4 0 110 8 4 4 0 010-8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5';
const DONE = 'M5 12.5l4.5 4.5L19 7.5';

export class Column {
    // desk: what the page does on our behalf: hide(id), clear(id), back(), customer(id), and what
    // the composer needs: drafts, canned, editCanned(), values(id).
    constructor(link, texts, id, desk) {
        this.id = id;
        this._link = link;
        this._texts = texts;
        this._desk = desk;
        this._drawer = '';              // '', 'move' or 'end'
        this._thread = new LongThread(link, texts, {
            retry: (entry) => link.retry(entry.key),
            edit: (entry) => {
                this.composer.edit(entry.command.body, entry.command.type === 'whisper');
                link.discard(entry.key);
            },
            discard: (entry) => link.discard(entry.key)});
        this.composer = new Composer(link, texts, id, {
            drafts: desk.drafts, canned: desk.canned, editCanned: desk.editCanned,
            values: () => desk.values(id), sent: () => this._thread.toEnd()});
        this._buildHead();
        this._buildDrawers();
        this.node = el('section.column', {'aria-labelledby': `name-${id}`,
                                          onkeydown: (event) => this._key(event)},
                       this._head, this._move, this._sure, this._thread.node,
                       this._over, this.composer.node);
    }

    get log() {
        return this._link.sessions.get(this.id);
    }

    focus() {
        if (this.composer.node.hidden) {
            this._over.querySelector('button:not([hidden])')?.focus();
        } else {
            this.composer.focus();
        }
        this._thread.toEnd();
    }

    _buildHead() {
        this._number = el('kbd.number', {'aria-hidden': 'true'});
        this._name = el('h2', {id: `name-${this.id}`, dir: 'auto'});
        this._queue = el('bdi');
        this._presence = el('span.presence');
        this._about = el('p.about', {}, this._queue, this._presence);
        this._transfer = this._tool('move', this._texts.transfer, ICONS.move, 'move',
                                    () => this.open('move'));
        this._end = this._tool('end', this._texts.end, DONE, 'end', () => this.open('end'));
        this._head = el('header', {},
                        this._square('back', this._texts.back, ICONS.back,
                                     () => this._desk.back()),
                        el('div.who', {}, this._name, this._about), this._number,
                        this._transfer, this._end,
                        this._square('about-button', this._texts.customer.show, PERSON,
                                     () => this._desk.customer(this.id)),
                        this._square('close', this._texts.hide, ICONS.close,
                                     () => this._desk.hide(this.id)));
    }

    // In a narrow column the word is only for those who hear it.
    _tool(name, text, path, key, act) {
        return el(`button.quiet.tool.${name}`, {type: 'button', title: text, onclick: act,
                                                'aria-keyshortcuts': shortcut(key)},
                  icon(path), el('span', {}, text));
    }

    _square(name, label, path, act) {
        return el(`button.square.${name}`, {type: 'button', title: label, 'aria-label': label,
                                            onclick: act}, icon(path));
    }

    _buildDrawers() {
        const texts = this._texts;
        const button = (name, text, act) => el(`button${name}`, {type: 'button', onclick: act},
                                               text);
        this._move = el('div.drawer', {role: 'group', 'aria-label': texts.transfer, hidden: true});
        this._sure = el('div.drawer', {role: 'group', 'aria-label': texts.end_sure, hidden: true},
                        el('p', {}, texts.end_sure),
                        el('div.choices', {}, button('.danger', texts.end_yes, () => {
                            this.open('');
                            this._link.close(this.id);
                        }), button('', texts.cancel, () => this.open(''))));
        this._why = el('p', {role: 'status'});
        this._reopen = button('', texts.reopen, () => this._link.reopen(this.id));
        this._over = el('div.over', {}, this._why, el('div.choices', {}, this._reopen,
            button('', texts.clear, () => this._desk.clear(this.id))));
    }

    // ---- drawing --------------------------------------------------------

    draw(name, number) {
        const log = this.log;
        const mine = log.mine && log.open;
        this._setText(this._name, name);
        this._setText(this._number, number);
        this._number.hidden = number === '';
        this._drawAbout(log);
        this._thread.draw(log);
        for (const node of [this._transfer, this._end, this.composer.node]) {
            node.hidden = !mine;
        }
        this._move.hidden = this._drawer !== 'move' || !mine;
        this._sure.hidden = this._drawer !== 'end' || !mine;
        this._over.hidden = mine;
        this._reopen.hidden = log.open;
        this._setText(this._why, !log.open ? this._texts.ended : this._texts.passed);
        this.composer.draw(name);
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

    _drawAbout(log) {
        const here = log.open ? log.here.visitor : undefined;
        this._setText(this._queue, queueName(log.queue, this._link));
        this._setText(this._presence, here === undefined ? ''
            : ` · ${here ? this._texts.here : this._texts.gone}`);
        this._about.classList.toggle('here', here === true);
        this._about.classList.toggle('gone', here === false);
    }

    // ---- drawers --------------------------------------------------------

    // The same one again closes it.
    open(drawer) {
        if (!this.log.mine || !this.log.open) {
            return;
        }
        this._drawer = this._drawer === drawer ? '' : drawer;
        this._move.hidden = this._drawer !== 'move';
        this._sure.hidden = this._drawer !== 'end';
        this._transfer.setAttribute('aria-expanded', String(this._drawer === 'move'));
        this._end.setAttribute('aria-expanded', String(this._drawer === 'end'));
        if (this._drawer === 'move') {
            this._fillMove();
        }
        const first = {move: this._move, end: this._sure}[this._drawer];
        if (first === undefined) {
            this.composer.focus();
        } else {
            first.querySelector('button').focus();
        }
    }

    _fillMove() {
        const {me} = this._link;
        const button = (one, to) => el('button', {type: 'button', dir: 'auto', onclick: () => {
            this.open('');
            this._link.move(this.id, to);
        }}, one.name || one.id);
        const group = (title, buttons) => buttons.length === 0 ? []
            : [el('p', {}, title), el('div.choices', {}, ...buttons)];
        const queues = (me.queues ?? []).filter((queue) => queue.open !== false);
        const agents = (me.agents ?? []).filter((agent) => agent.id !== me.agent);
        this._move.replaceChildren(
            ...group(this._texts.to_queue, queues.map((one) => button(one, {queue: one.id}))),
            ...group(this._texts.to_agent, agents.map((one) => button(one, {agent: one.id}))),
            ...queues.length + agents.length > 0 ? [] : [el('p', {}, this._texts.nowhere)],
            el('div.choices', {}, el('button.quiet', {type: 'button',
                                                      onclick: () => this.open('')},
                                     this._texts.cancel)));
    }

    _key(event) {
        if (event.key === 'Escape' && this._drawer !== '') {
            event.stopPropagation();
            this.open('');
        }
    }
}
