// list.js - the agent's sessions at a glance: who, where, what was said last, how much is unread.
// SPDX-License-Identifier: MIT

import {el, keepChildren} from '../usher-page.js';
import {SIDE_BY_SIDE} from './layout.js';
import {queueName} from './texts.js';

export class SessionList {
    // pick(id) when one is chosen; drafts tells what is begun and not sent.
    constructor(link, texts, drafts, pick) {
        this._link = link;
        this._texts = texts;
        this._drafts = drafts;
        this._pick = pick;
        this._items = new Map();        // id -> {node, parts}
        this._list = el('ul.sessions');
        this._none = el('p.none', {}, texts.no_sessions);
        this.node = el('section.list', {'aria-labelledby': 'your-sessions'},
                       el('h2', {id: 'your-sessions'}, texts.sessions), this._list, this._none);
    }

    // arrangement: which are shown, and which is the current one.
    draw(logs, names, arrangement) {
        const ids = new Set(logs.map((log) => log.id));
        for (const id of this._items.keys()) {
            if (!ids.has(id)) {
                this._items.delete(id);
            }
        }
        keepChildren(this._list, logs.map((log, i) => this._item(log, i, names(log),
                                                                 arrangement)));
        this._none.hidden = logs.length > 0;
    }

    _item(log, i, name, {current, visible}) {
        let item = this._items.get(log.id);
        if (item === undefined) {
            item = this._build(log.id);
            this._items.set(log.id, item);
        }
        const unread = log.unread('agent');
        const last = this._last(log);
        const state = !log.open ? 'closed' : !log.mine ? 'passed' : log.state;
        const draft = log.id === current || !log.open || !log.mine ? ''
            : this._drafts.get(log.id).reply.trim();
        this._set(item.number, i < SIDE_BY_SIDE ? String(i + 1) : '');
        this._set(item.name, name);
        this._set(item.time, last ? this._texts.clock(last.at) : '');
        this._set(item.draft, draft === '' ? '' : `${this._texts.draft}: `);
        this._set(item.text, draft || (last?.body ?? ''));
        this._set(item.where, [queueName(log.queue, this._link), this._texts.states[state]]
            .filter(Boolean).join(' · '));
        this._set(item.unread, unread > 0 ? this._texts.number(unread) : '');
        this._set(item.words, unread > 0 ? this._texts.count(this._texts.unread, unread) : '');
        item.unread.hidden = unread === 0;
        item.button.setAttribute('aria-current', String(log.id === current));
        item.button.className = `item ${state}${visible.includes(log.id) ? ' shown' : ''}`
            + (unread > 0 ? ' unread' : '');
        return item.node;
    }

    _build(id) {
        const item = {number: el('kbd.number', {'aria-hidden': 'true'}),
                      name: el('span.name', {dir: 'auto'}), time: el('span.time'),
                      draft: el('em'), text: el('span'), where: el('span.where'),
                      unread: el('span.badge', {'aria-hidden': 'true'}), words: el('span.unseen')};
        item.button = el('button.item', {type: 'button', onclick: () => this._pick(id)},
                         el('span.head', {}, item.number, item.name, item.time),
                         el('span.text', {dir: 'auto'}, item.draft, item.text), item.unread, item.words,
                         item.where);
        item.node = el('li', {}, item.button);
        return item;
    }

    _last(log) {
        const list = log.list();
        for (let i = list.length - 1; i >= 0; i--) {
            if (list[i].body !== undefined) {
                return list[i];
            }
        }
        return null;
    }

    _set(node, text) {
        if (node.textContent !== text) {
            node.textContent = text;
        }
    }
}
