// top.js - the bar above the console: sessions or board, ready or away, and who you are.
// SPDX-License-Identifier: MIT

import {el, icon} from '../usher-page.js';
import {shortcut} from './keys.js';
import {Popup} from './popup.js';
import {Settings} from './settings.js';

const HELP = 'M9.2 9a2.9 2.9 0 115 2.1c-1.1 1-2.2 1.4-2.2 3M12 17.6v.1';

export class Top {
    // actions: ready(on, reason), view(name), help(), editCanned(), signOut(), wake().
    constructor(page, actions, signal) {
        const {texts} = page;
        this._page = page;
        this._link = page.link;
        this._texts = texts;
        this._actions = actions;
        this._word = el('span');
        this._why = el('span.why', {dir: 'auto'});
        this._state = el('span.ready', {role: 'status'}, this._word, this._why);
        this._toggle = el('button.primary', {type: 'button',
                                             'aria-keyshortcuts': shortcut('ready')});
        const reasons = el('div.menu', {role: 'group', 'aria-label': texts.why_away},
                           ...texts.reasons.map((reason) => el('button', {
                               type: 'button', onclick: () => this._go(false, reason)}, reason)));
        this._reasons = new Popup(this._toggle, reasons, signal, () => this._clicked());
        this._reasons.node.classList.add('switch');
        this._views = el('div.views', {role: 'group', 'aria-label': texts.views, hidden: true},
                         ...['sessions', 'board'].map((view) => el('button', {
                             type: 'button', 'data-view': view,
                             'aria-keyshortcuts': shortcut('board'),
                             onclick: () => actions.view(view)}, texts[`view_${view}`])));
        this.settings = null;
        this._me = el('div.me-place');
        this.banner = el('button.banner', {type: 'button', onclick: actions.wake});
        this._signal = signal;
        this.node = el('header.top', {},
                       el('h1.brand', {}, el('img', {src: '../img/mark.svg', alt: '',
                                                     width: '28', height: '28'}),
                          el('span', {}, texts.brand)),
                       this._views, el('span.gap'), this._state, this._reasons.node,
                       el('button.square.help', {type: 'button', title: texts.keys.title,
                                                 'aria-label': texts.keys.title,
                                                 onclick: actions.help}, icon(HELP)), this._me);
    }

    draw(view) {
        const {me, state} = this._link;
        const up = state === 'open';
        const ready = me?.ready === true;
        const why = ready ? this._texts.ready_hint
            : me?.reason || this._texts.away_why[me?.why] || '';
        this._drawMe(me);
        this._views.hidden = me?.role !== 'supervisor';
        for (const button of this._views.children) {
            button.setAttribute('aria-pressed', String(button.dataset.view === view));
        }
        this._state.hidden = !up || !me;
        this._set(this._word, ready ? this._texts.ready : this._texts.away);
        this._set(this._why, why === '' ? '' : ` · ${why}`);
        this._state.classList.toggle('on', ready && up);
        this._set(this._toggle, ready ? this._texts.go_away : this._texts.go_ready);
        this._toggle.classList.toggle('primary', !ready);
        this._toggle.disabled = !up;
        this._set(this.banner, this._trouble());
        this.banner.hidden = this.banner.textContent === '';
    }

    // By the keyboard.
    toggleReady() {
        if (!this._toggle.disabled) {
            this._toggle.click();
        }
    }

    // The name is known from the first hello on.
    _drawMe(me) {
        if (me !== null && this.settings === null) {
            this.settings = new Settings(this._page, me.name || me.agent, this._actions,
                                         this._signal);
            this._me.replaceChildren(this.settings.node);
        }
    }

    _trouble() {
        const {state, online, degraded} = this._link;
        if (state === 'open') {
            return degraded ? this._texts.link.degraded : '';
        }
        return !online ? this._texts.link.offline : this._texts.link[state] ?? '';
    }

    _set(node, text) {
        if (node.textContent !== text) {
            node.textContent = text;
        }
    }

    // Going away has a reason to choose; going ready has not.
    _clicked() {
        if (!this._link.me?.ready) {
            this._actions.ready(true);
            return false;
        }
        return true;
    }

    _go(on, reason) {
        this._reasons.toggle(false);
        this._actions.ready(on, reason);
        this._toggle.focus();
    }
}
