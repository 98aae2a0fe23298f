// list.js - the agent's sessions at a glance: who, where, what was said last, how much is unread.
// SPDX-License-Identifier: MIT

import {clockTime, el, keepChildren} from '../usher-page.js';
import {queueName} from './texts.js';

export class SessionList {
    // pick(id) when one is chosen.
    constructor(link, texts, pick) {
        this._link = link;
        this._texts = texts;
        this._pick = pick;
        this._items = new Map();        // id -> {node, parts}
        this._list = el('ul.sessions');
        this._none = el('p.none');
        this.node = el('section', {'aria-labelledby': 'your-sessions'},
                       el('h2', {id: 'your-sessions'}, texts.sessions), this._list, this._none);
    }

    draw(logs, names, visible, current) {
        const ids = new Set(logs.map((log) => log.id));
        for (const id of this._items.keys()) {
            if (!ids.has(id)) {
                this._items.delete(id);
            }
        }
        keepChildren(this._list, logs.map((log) => this._item(log, names(log), visible,
                                                              current)));
        this._none.hidden = logs.length > 0;
        const none = this._link.me?.ready ? this._texts.no_sessions_ready
            : this._texts.no_sessions_away;
        if (this._none.textContent !== none) {
            this._none.textContent = none;
        }
    }

    _item(log, name, visible, current) {
        let item = this._items.get(log.id);
        if (item === undefined) {
            item = this._build(log.id);
            this._items.set(log.id, item);
        }
        const unread = log.unread('agent');
        const last = this._last(log);
        const state = !log.open ? 'closed' : !log.mine ? 'passed' : log.state;
        this._set(item.name, name);
        this._set(item.time, last ? clockTime(last.at) : '');
        this._set(item.text, last?.body ?? '');
        this._set(item.where, [queueName(log.queue, this._link), this._texts.states[state]]
            .filter(Boolean).join(' · '));
        this._set(item.unread, unread > 0 ? String(unread) : '');
        item.unread.hidden = unread === 0;
        item.unread.setAttribute('aria-label', this._texts.unread(unread));
        item.button.setAttribute('aria-current', String(log.id === current));
        item.button.className = `item ${state}${visible.includes(log.id) ? ' shown' : ''}`
            + (unread > 0 ? ' unread' : '');
        return item.node;
    }

    _build(id) {
        const item = {name: el('span.name', {dir: 'auto'}), time: el('span.time'),
                      text: el('span.text', {dir: 'auto'}), where: el('span.where'),
                      unread: el('span.badge')};
        item.button = el('button.item', {type: 'button', onclick: () => this._pick(id)},
                         item.name, item.time, item.text, item.unread, item.where);
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
