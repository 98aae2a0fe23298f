// top.js - the bar above the console: who you are, how the link is, ready or away.
// SPDX-License-Identifier: MIT

import {el} from '../usher-page.js';

export class Top {
    // ready(on, reason), signOut() and wake() are what its buttons do.
    constructor(link, texts, actions, signal) {
        this._link = link;
        this._texts = texts;
        this._actions = actions;
        this._asking = false;
        this._name = el('span.me', {dir: 'auto'});
        this._word = el('span');
        this._why = el('span.why', {dir: 'auto'});
        this._state = el('span.ready', {role: 'status'}, this._word, this._why);
        this._toggle = el('button.primary', {type: 'button', 'aria-haspopup': 'true',
                                             onclick: () => this._clicked()});
        this._reasons = el('div.menu', {role: 'group', 'aria-label': texts.why_away, hidden: true},
                           ...texts.reasons.map((reason) => el('button', {
                               type: 'button', onclick: () => this._go(false, reason)}, reason)));
        this._banner = el('button.banner', {type: 'button', onclick: actions.wake});
        this.node = el('header.top', {onkeydown: (event) => this._key(event)},
                       el('h1.brand', {}, el('img', {src: '../img/mark.svg', alt: '',
                                                       width: '28', height: '28'}),
                          texts.brand),
                       this._name, this._state,
                       el('div.switch', {}, this._toggle, this._reasons),
                       el('button.quiet', {type: 'button', onclick: actions.signOut},
                          texts.out));
        document.addEventListener('click', (event) => {
            if (this._asking && !event.composedPath().includes(this._toggle.parentNode)) {
                this._ask(false);
            }
        }, {signal});
    }

    get banner() {
        return this._banner;
    }

    draw() {
        const me = this._link.me;
        const up = this._link.state === 'open';
        const ready = me?.ready === true;
        const why = ready ? this._texts.ready_hint
            : me?.reason || this._texts.away_why[me?.why] || '';
        this._set(this._name, me ? me.name || me.agent : '');
        this._state.hidden = !up || !me;
        this._set(this._word, ready ? this._texts.ready : this._texts.away);
        this._set(this._why, why === '' ? '' : ` · ${why}`);
        this._state.classList.toggle('on', ready && up);
        this._set(this._toggle, ready ? this._texts.go_away : this._texts.go_ready);
        this._toggle.classList.toggle('primary', !ready);
        this._toggle.disabled = !up;
        this._set(this._banner, this._trouble());
        this._banner.hidden = this._banner.textContent === '';
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

    _clicked() {
        if (this._link.me?.ready) {
            this._ask(!this._asking);
        } else {
            this._go(true);
        }
    }

    _ask(open) {
        this._asking = open;
        this._reasons.hidden = !open;
        this._toggle.setAttribute('aria-expanded', String(open));
        if (open) {
            this._reasons.querySelector('button').focus();
        }
    }

    _go(on, reason) {
        this._ask(false);
        this._actions.ready(on, reason);
        this._toggle.focus();
    }

    _key(event) {
        if (event.key === 'Escape' && this._asking) {
            this._ask(false);
            this._toggle.focus();
        }
    }
}
