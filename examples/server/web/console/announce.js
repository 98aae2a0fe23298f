// announce.js - says to screen readers what others see: politely, or at once.
// SPDX-License-Identifier: MIT

import {el} from '../usher-page.js';

const KEPT = 4;

export class Announcer {
    constructor() {
        this._polite = el('div', {role: 'status', 'aria-live': 'polite'});
        this._now = el('div', {role: 'alert', 'aria-live': 'assertive'});
        this.node = el('div.unseen', {}, this._polite, this._now);
    }

    say(text) {
        this._add(this._polite, text);
    }

    sayNow(text) {
        this._add(this._now, text);
    }

    // A line of its own each time, so that the same text is said again.
    _add(region, text) {
        region.append(el('p', {}, text));
        while (region.childElementCount > KEPT) {
            region.firstChild.remove();
        }
    }
}
