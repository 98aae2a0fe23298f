// composer.js - where an agent writes: a reply or an internal note, each with a draft of its own.
// SPDX-License-Identifier: MIT

import {byteLength} from '../usher-dom.js';
import {composing, el, fill, growing, icon, ICONS, sendsOnEnter} from '../usher-page.js';
import {CannedMenu} from './canned.js';
import {shortcut} from './keys.js';

export class Composer {
    // parts: {drafts, canned, editCanned(), values(), sent()}.
    constructor(link, texts, id, parts) {
        this._link = link;
        this._texts = texts;
        this._id = id;
        this._parts = parts;
        this._called = '';              // what the visitor is called here
        this._draft = parts.drafts.get(id);
        this._build();
        this._show();
    }

    _build() {
        const mode = (internal, text, key) => el('button', {
            type: 'button', 'aria-keyshortcuts': shortcut(key),
            onclick: () => this.mode(internal)}, text);
        this._modes = [mode(false, this._texts.reply, 'reply'),
                       mode(true, this._texts.note, 'whisper')];
        this._menu = new CannedMenu(this._id, {
            store: this._parts.canned, texts: this._texts, values: this._parts.values,
            edit: this._parts.editCanned, put: (text) => this._put(text),
            left: (slash) => slash === '' ? this._area.focus() : this._put(slash)});
        this._area = el('textarea', {rows: '1', dir: 'auto'});
        this._fit = growing(this._area);
        this._area.addEventListener('input', () => this._typed());
        this._area.addEventListener('keydown', (event) => this._key(event));
        sendsOnEnter(this._area, () => this._send());
        this._count = el('p.count', {role: 'alert'});
        this._go = el('button.square.send', {type: 'submit'}, icon(ICONS.send));
        const label = this._texts.canned.open;
        this.node = el('form.composer', {onsubmit: (event) => {
            event.preventDefault();
            this._send();
        }}, this._menu.node, el('div.modes', {role: 'group', 'aria-label': this._texts.send},
                                ...this._modes,
                                el('button.slash', {type: 'button', title: label,
                                                    'aria-label': label,
                                                    onclick: () => this._menu.show()}, '/')),
                       this._count, el('div.line', {}, this._area, this._go));
    }

    // What is written there but not sent, in short; '': nothing.
    get draft() {
        return this._draft.reply || this._draft.note;
    }

    draw(name) {
        if (name !== this._called) {
            this._called = name;
            this._label();
        }
    }

    focus() {
        this._area.focus({preventScroll: true});
    }

    openMenu() {
        this._menu.show();
    }

    mode(internal) {
        this._draft.internal = internal;
        this._show();
        this._keep();
        this.focus();
    }

    // A text that was not sent comes back to be changed.
    edit(text, internal) {
        this._draft.internal = internal;
        this._show();
        this._put([text, this._area.value].filter(Boolean).join('\n'));
    }

    // Its height depends on its width.
    fit() {
        this._fit();
    }

    get _which() {
        return this._draft.internal ? 'note' : 'reply';
    }

    _show() {
        const {internal} = this._draft;
        this._area.value = this._draft[this._which];
        this._modes.forEach((button, i) => {
            button.setAttribute('aria-pressed', String(Boolean(i) === internal));
        });
        this.node.classList.toggle('internal', internal);
        this._go.title = internal ? this._texts.add_note : this._texts.send;
        this._go.setAttribute('aria-label', this._go.title);
        this._label();
        this._fit();
    }

    _label() {
        const {internal} = this._draft;
        const who = {who: this._called};
        this._area.setAttribute('aria-label', internal ? this._texts.note_label
            : fill(this._texts.reply_label, who));
        this._area.placeholder = internal ? this._texts.note_hint
            : fill(this._texts.reply_hint, who);
    }

    _put(text) {
        this._area.value = text;
        this._typed();
        this.focus();
        this._area.setSelectionRange(text.length, text.length);
    }

    _keep() {
        this._draft[this._which] = this._area.value;
        this._parts.drafts.put(this._id, this._draft);
    }

    _typed() {
        const over = byteLength(this._area.value.trim()) - this._link.limits.body;
        const words = over > 0 ? fill(this._texts.too_long, {n: this._texts.number(over)}) : '';
        if (this._count.textContent !== words) {
            this._count.textContent = words;
        }
        this._keep();
        this._fit();
        if (this._area.value !== '' && !this._draft.internal) {
            this._link.typing(this._id);
        }
    }

    _key(event) {
        if (event.key === '/' && this._area.value === '' && !composing(event) && !event.altKey
            && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            this._menu.show();
        }
    }

    _send() {
        const body = this._area.value.trim();
        if (body === '' || byteLength(body) > this._link.limits.body) {
            return;
        }
        this._area.value = '';
        this._typed();
        if (this._draft.internal) {
            this._link.whisper(this._id, body);
        } else {
            this._link.say(this._id, body);
        }
        this._parts.sent();
    }
}
