// idle.js - what the middle of the console says when no session is there: why, and what to do.
// SPDX-License-Identifier: MIT

import {el, icon} from '../usher-page.js';

const SIGNS = {
    connecting: 'M4 12a8 8 0 018-8M20 12a8 8 0 01-8 8',
    offline: 'M3 3l18 18M5 12a10 10 0 013-2M12 8a10 10 0 017 4M9 16a4 4 0 016 0M12 19.5v.1',
    closed: 'M6 11h12v9H6zM9 11V8a3 3 0 016 0v3',
    away: 'M5 8h11v6a4 4 0 01-4 4H9a4 4 0 01-4-4zM16 9h2a2 2 0 010 5h-2M9 3v2M12 3v2',
    missed: 'M12 7.5V13M12 16.4v.1M12 2.5a9.5 9.5 0 110 19 9.5 9.5 0 010-19z',
    lost: 'M12 7.5V13M12 16.4v.1M12 2.5a9.5 9.5 0 110 19 9.5 9.5 0 010-19z',
    ready: 'M5 12.5l4.5 4.5L19 7.5',
    pick: 'M4 5h16v11H9l-5 4z',
};

export class Idle {
    // go() is what its button does.
    constructor(link, texts, go) {
        this._link = link;
        this._texts = texts;
        this._shown = null;
        this._sign = el('div.sign');
        this._title = el('h2');
        this._text = el('p');
        this._go = el('button.primary', {type: 'button', onclick: go}, texts.idle.go);
        this.node = el('section.idle', {}, this._sign, this._title, this._text, this._go);
    }

    draw(sessions) {
        const why = this._why(sessions);
        if (why !== this._shown) {
            this._shown = why;
            this.node.className = `idle ${why}`;
            this._sign.replaceChildren(icon(SIGNS[why]));
            [this._title.textContent, this._text.textContent] = this._texts.idle[why];
            this._go.hidden = !['away', 'missed', 'lost'].includes(why);
        }
        this._go.disabled = this._link.state !== 'open';
    }

    _why(sessions) {
        const {me, online, state} = this._link;
        if (!online) {
            return 'offline';
        }
        if (me === null || state === 'connecting' || state === 'waiting') {
            return 'connecting';
        }
        if (sessions > 0) {
            return 'pick';
        }
        if (!me.ready) {
            return me.why === 'missed' || me.why === 'lost' ? me.why : 'away';
        }
        return me.queues?.every((queue) => queue.open === false) ? 'closed' : 'ready';
    }
}
