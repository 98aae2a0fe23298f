// layout.js - decides which sessions stand side by side, and in how many rows.
// SPDX-License-Identifier: MIT

export const SIDE_BY_SIDE = 6;
const COLUMN_PX = 300;
const ROW_PX = 320;

const clamp = (n, low, high) => Math.max(low, Math.min(high, n));

// n sessions in a room of so many pixels (at a text size of 100 %).
export function grid(width, height, n) {
    const across = clamp(Math.floor(width / COLUMN_PX), 1, SIDE_BY_SIDE);
    const down = clamp(Math.floor(height / ROW_PX), 1, 2);
    const room = Math.min(SIDE_BY_SIDE, across * down);
    const rows = Math.max(1, Math.ceil(Math.min(n, room) / across));
    return {room, rows, columns: Math.max(1, Math.ceil(Math.min(n, room) / rows))};
}

// What the agent has chosen to see. It outlives the page's nodes.
export class Arrangement {
    constructor() {
        this.visible = [];              // ids, in their places
        this.current = null;
        this.alone = false;             // only the current one
        this._hidden = new Set();       // not to be shown until picked
        this._used = new Map();         // id -> when it was last picked
    }

    // Sessions that are gone go; a free place is taken by the next session.
    arrange(logs, room) {
        const there = new Set(logs.map((log) => log.id));
        this.visible = this.visible.filter((id) => there.has(id));
        while (this.visible.length > room) {
            this.visible.splice(this.visible.indexOf(this._oldest()), 1);
        }
        if (this.current !== null && !there.has(this.current)) {
            this.current = null;
        }
        for (const log of logs) {
            if (this.visible.length < room && !this.visible.includes(log.id)
                && !this._hidden.has(log.id) && log.open && log.mine) {
                this.visible.push(log.id);
            }
        }
    }

    // What is on the screen.
    shown() {
        return this.alone && this.current !== null ? [this.current] : this.visible;
    }

    pick(id, room) {
        this._hidden.delete(id);
        if (!this.visible.includes(id)) {
            if (this.visible.length >= room) {
                this.visible[this.visible.indexOf(this._oldest())] = id;
            } else {
                this.visible.push(id);
            }
        }
        this.focus(id);
    }

    // True: it was not the current one before.
    focus(id) {
        const moved = this.current !== id;
        this._used.set(id, performance.now());
        this.current = id;
        return moved;
    }

    hide(id) {
        this._hidden.add(id);
        this.visible = this.visible.filter((one) => one !== id);
        this.current = null;
    }

    _oldest() {
        const used = (id) => (id === this.current ? Infinity : this._used.get(id) ?? 0);
        return [...this.visible].sort((a, b) => used(a) - used(b))[0];
    }
}
