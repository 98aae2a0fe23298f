// signin.js - asks for an agent's name and password, and brings back a token.
// SPDX-License-Identifier: MIT

import {el, fill} from '../usher-page.js';

export class SignIn {
    // done({agent, token}) when the desk has said yes; from within the click.
    // reading: the node in which language and text size are chosen.
    constructor(base, texts, reading, clicked, done) {
        this._base = base;
        this._speech = texts;
        this._texts = texts.signin;
        this._clicked = clicked;
        this._done = done;
        this._agent = el('input', {id: 'agent', name: 'username', autocomplete: 'username',
                                   autocapitalize: 'none', spellcheck: 'false', required: true});
        this._password = el('input', {id: 'password', name: 'password', type: 'password',
                                      autocomplete: 'current-password', required: true});
        this._error = el('p.error', {role: 'alert'});
        this._button = el('button.primary', {type: 'submit'}, this._texts.go);
        this.node = el('main.signin', {},
                       el('form', {onsubmit: (event) => this._go(event)},
                          el('img', {src: '../img/mark.svg', alt: '', width: '44', height: '44'}),
                          el('h1', {}, this._texts.title),
                          el('label', {for: 'agent'}, this._texts.agent), this._agent,
                          el('label', {for: 'password'}, this._texts.password),
                          this._password, this._error, this._button), reading);
    }

    show(why) {
        this._error.textContent = why;
        this._password.value = '';
        (this._agent.value === '' ? this._agent : this._password).focus();
    }

    async _go(event) {
        event.preventDefault();
        const agent = this._agent.value.trim();
        this._clicked();
        this._error.textContent = '';
        this._button.disabled = true;
        this._button.textContent = this._texts.busy;
        try {
            const answer = await fetch(new URL('usher/login', this._base), {
                method: 'POST', credentials: 'omit',
                headers: {'Content-Type': 'application/json'},
                body: JSON.stringify({agent, password: this._password.value})});
            if (answer.ok) {
                const {token} = await answer.json();
                this._done({agent, token});
            } else {
                this.show(this._why(answer));
            }
        } catch {
            this.show(this._texts.failed);
        } finally {
            this._button.disabled = false;
            this._button.textContent = this._texts.go;
        }
    }

    _why(answer) {
        if (answer.status === 429) {
            const seconds = Number(answer.headers.get('Retry-After')) || 60;
            return fill(this._texts.locked, {wait: this._speech.lasting(seconds * 1000)});
        }
        return answer.status === 400 || answer.status === 401 ? this._texts.wrong
            : this._texts.failed;
    }
}
