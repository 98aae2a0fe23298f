// popup.js - a button that opens a small panel under itself; Escape or a click elsewhere closes it.
// SPDX-License-Identifier: MIT

import {el} from '../usher-page.js';

export class Popup {
    // clicked() may say false: the panel stays closed. signal: the page is done with.
    constructor(button, panel, signal, clicked = () => true) {
        this._button = button;
        this._panel = panel;
        this.open = false;
        panel.hidden = true;
        button.setAttribute('aria-expanded', 'false');
        button.onclick = () => {
            if (this.open) {
                this.toggle(false);
            } else if (clicked()) {
                this.toggle(true);
            }
        };
        this.node = el('div.popup', {onkeydown: (event) => {
            if (event.key === 'Escape' && this.open) {
                event.stopPropagation();
                this.toggle(false);
                button.focus();
            }
        }}, button, panel);
        document.addEventListener('pointerdown', (event) => {
            if (this.open && !event.composedPath().includes(this.node)) {
                this.toggle(false);
            }
        }, {signal});
        // Whoever leaves it with the keyboard is done with it.
        this.node.addEventListener('focusout', (event) => {
            if (this.open && event.relatedTarget !== null
                && !this.node.contains(event.relatedTarget)) {
                this.toggle(false);
            }
        });
    }

    toggle(open) {
        this.open = open;
        this._panel.hidden = !open;
        this._button.setAttribute('aria-expanded', String(open));
        if (open) {
            this._panel.querySelector('button:enabled, select, input')?.focus();
        }
    }
}
