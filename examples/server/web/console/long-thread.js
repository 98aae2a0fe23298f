// long-thread.js - a thread of thousands of lines, of which only those around the eye are in the page.
// SPDX-License-Identifier: MIT
//
//        lines  0 ........ from ------ to ........ n
//                           in the page
//
// The part that is in the page slides when its end comes near, and the line that
// is on top of the screen stays where it is. Only a person's own scrolling does
// that: a script that scrolls wants what it scrolls to.

import {el, icon, ICONS, keepChildren} from '../usher-page.js';
import {Thread} from '../usher-thread.js';

const FIRST = 60;               // so many lines when a session is first shown
const MOST = 160;
const STEP = 40;
const FETCH = 100;              // as many facts as one `history` may bring
const NEAR_PX = 600;

export class LongThread extends Thread {
    constructor(link, texts, actions) {
        super(link, texts, actions);
        this._from = null;              // the fact of the first line; null: FIRST before the end
        this._count = 0;                // how many lines, if not all up to the end
        this._to_end = true;
        this._by_hand = false;
        this._extended = false;         // the person has gone back
        this._lines = [];
        this._known = null;             // the list that _lines was made of
        this._fetching = false;
        this._newest = el('button.newest', {type: 'button', onclick: () => this.toEnd()},
                          icon(ICONS.down), texts.newest);
        this.node.append(this._newest);
        for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
            this.node.addEventListener(type, (event) => {
                // A button is pressed, or the thread itself: by its bar, or with the arrows.
                this._by_hand ||= type === 'wheel' || type === 'touchmove'
                    || event.target === this.node;
            }, {passive: true});
        }
    }

    draw(log) {
        this._log = log;
        if (log.list() !== this._known) {
            this._known = log.list();
            this._lines = this._known.filter((fact) => this._line(fact) !== null);
        }
        const [from, to] = this._part();
        const shown = this._lines.slice(from, to);
        const nodes = shown.flatMap((fact, i) => this._factAndDay(fact, this._lines[from + i - 1]));
        if (this._to_end) {
            nodes.push(...this._pending(log).map((entry) => this._entryNode(entry)));
        }
        this._older.hidden = from === 0 && (log.public.first <= 1 || !log.more);
        this._newest.hidden = this._at_end && this._to_end;
        // What is only scrolled to is no news.
        this._list.setAttribute('aria-live', this._to_end ? 'polite' : 'off');
        this._hold(() => keepChildren(this._list, nodes));
        this._drawTyping(log);
        this._forget(nodes);
    }

    toEnd() {
        this._to_end = true;
        this._extended = false;
        this._at_end = true;
        if (this._log) {
            this.draw(this._log);
        }
        this._stick();
    }

    // [from, to) of the lines, which may have become more on both ends.
    _part() {
        const n = this._lines.length;
        let from = this._from === null ? -1 : this._lines.indexOf(this._from);
        this._to_end = this._to_end || from < 0;
        if (from < 0 || (this._to_end && this._at_end)) {
            const most = this._extended && from >= 0 ? MOST : FIRST;
            from = Math.max(0, n - most, this._extended ? from : 0);
        } else if (n - from > 2 * MOST) {
            this._to_end = false;
            this._count = Math.min(this._count, MOST);
        }
        const to = this._to_end ? n : Math.min(n, from + this._count);
        this._from = this._lines[from] ?? null;
        this._count = to - from;
        return [from, to];
    }

    _factAndDay(fact, before) {
        const day = this._dayNode(fact, before);
        return [...day, this._factNode(fact, day.length === 0 ? before : undefined)];
    }

    // Change what is in the page, and leave on the screen what is there.
    _hold(change) {
        if (this._at_end && this._to_end) {
            change();
            this._stick();
            return;
        }
        const top = this.node.getBoundingClientRect().top;
        const anchor = [...this._list.children].find(
            (node) => node.getBoundingClientRect().bottom > top);
        const before = anchor?.getBoundingClientRect().top;
        change();
        if (anchor?.isConnected) {
            const moved = anchor.getBoundingClientRect().top - before;
            if (moved !== 0) {
                this.node.scrollTop += moved;
            }
        }
    }

    // Nodes of lines that are far away are made anew if they come back.
    _forget(nodes) {
        if (this._nodes.size > 2 * MOST) {
            const here = new Set(nodes);
            for (const [id, kept] of this._nodes) {
                if (!here.has(kept.node)) {
                    this._nodes.delete(id);
                }
            }
        }
    }

    _scrolled() {
        super._scrolled();
        this._newest.hidden = this._at_end && this._to_end;
        if (this._by_hand && this._log) {
            this._slide();
        }
    }

    _slide() {
        const {scrollTop, scrollHeight, clientHeight} = this.node;
        const from = this._lines.indexOf(this._from);
        if (scrollTop < NEAR_PX) {
            this._up(from);
        } else if (scrollHeight - scrollTop - clientHeight < NEAR_PX && !this._to_end) {
            const to = Math.min(this._lines.length, from + this._count + STEP);
            this._take(Math.max(from, to - MOST), to);
        }
    }

    // First from what is here, then from the desk.
    _up(from) {
        if (from > 0) {
            const first = Math.max(0, from - STEP);
            this._take(first, Math.min(from + this._count, first + MOST));
        } else if (this._log.public.first > 1 && this._log.more && !this._fetching) {
            this._fetch();
        }
    }

    _take(from, to) {
        this._from = this._lines[from] ?? null;
        this._count = to - from;
        this._to_end = to === this._lines.length;
        this._extended = true;
        this.draw(this._log);
    }

    async _fetch() {
        const {first} = this._log.public;
        this._fetching = true;
        this._older.disabled = true;
        await this._link.history(this._log.id, FETCH).catch(() => {});
        this._fetching = false;
        this._older.disabled = false;
        this.draw(this._log);
        if (this._log.public.first < first) {
            this._up(this._lines.indexOf(this._from));
        }
    }

    _showOlder() {
        this._at_end = false;
        this._up(this._lines.indexOf(this._from));
    }
}
