// usher-outbox.js - keeps commands until they are answered, shared by all tabs of one person.
// SPDX-License-Identifier: MIT
//
// Each command is one item of the storage, so that two tabs never write the same
// item for different reasons, and a page that dies loses nothing. The item's name
// holds the time, so that names sort in the order of sending.

// A Storage that forgets, for where there is no other (private windows, Node).
export class MemoryStorage {
    constructor() {
        this._items = new Map();
    }
    get length() {
        return this._items.size;
    }
    key(i) {
        return [...this._items.keys()][i] ?? null;
    }
    getItem(name) {
        return this._items.get(name) ?? null;
    }
    setItem(name, text) {
        this._items.set(name, String(text));
    }
    removeItem(name) {
        this._items.delete(name);
    }
}

// The storage, if it can be written to; else one in memory.
export function usableStorage(storage) {
    try {
        storage.setItem('usher.probe', '1');
        storage.removeItem('usher.probe');
        return storage;
    } catch {
        return new MemoryStorage();
    }
}

// A new key: 128 random bits, so that no two commands ever share one.
export function newKey() {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
    // changed() is called after every change that this tab makes.
    constructor(storage, space, changed) {
        this._storage = storage;
        this._prefix = `${space}.out.`;
        this._changed = changed;
        this._last = 0;
        this._overflow = new Map();     // what the storage had no room for
        this._list = null;
    }

    // Is this the name of one of our items? Then another tab has changed it.
    owns(name) {
        return name === null || name.startsWith(this._prefix);
    }

    // What is known may be stale: another tab wrote.
    refresh() {
        this._list = null;
    }

    // Oldest first: {name, key, command, start?, failed?}. Never change one.
    list() {
        if (this._list === null) {
            const names = [...this._overflow.keys()];
            for (let i = 0; i < this._storage.length; i++) {
                const name = this._storage.key(i);
                if (name !== null && name.startsWith(this._prefix)) {
                    names.push(name);
                }
            }
            this._list = names.sort().map((name) => this._read(name)).filter((e) => e !== null);
        }
        return this._list;
    }

    find(key) {
        return this.list().find((entry) => entry.key === key);
    }

    // `start`: the key of a start that is still on its way, whose session this command means.
    add(command, start) {
        this._last = Math.max(this._last + 1, Date.now());
        const key = newKey();
        const name = `${this._prefix}${String(this._last).padStart(15, '0')}.${key}`;
        const entry = {name, key, command, at: this._last};
        if (start !== undefined) {
            entry.start = start;
        }
        this._write(entry);
        return entry;
    }

    remove(key) {
        const entry = this.find(key);
        if (entry === undefined) {
            return false;
        }
        this._overflow.delete(entry.name);
        this._storage.removeItem(entry.name);
        this._touch();
        return true;
    }

    // The answer is final and it is no; it stays for the person to see.
    fail(key, why, text) {
        const entry = this.find(key);
        if (entry !== undefined) {
            this._write({...entry, failed: {why, text}});
        }
    }

    // The start has its session: what was written meanwhile goes there.
    resolve(start, session) {
        for (const entry of this.list().filter((e) => e.start === start)) {
            const {start: gone, ...rest} = entry;
            this._write({...rest, command: {...entry.command, session}});
        }
    }

    failStart(start, why, text) {
        for (const entry of this.list().filter((e) => e.start === start)) {
            this.fail(entry.key, why, text);
        }
    }

    // Put another command in the place of one, under a new key.
    replace(key, command) {
        const entry = this.find(key);
        if (entry === undefined) {
            return null;
        }
        const fresh = newKey();
        // The new name sorts where the old one did.
        const name = entry.name.replace(/[^.]*$/, fresh);
        this.remove(key);
        this._write({name, key: fresh, command, at: entry.at});
        return fresh;
    }

    _read(name) {
        const kept = this._overflow.get(name);
        if (kept !== undefined) {
            return kept;
        }
        try {
            const entry = JSON.parse(this._storage.getItem(name));
            return entry === null || typeof entry.command?.type !== 'string' ? null
                : {...entry, name, key: name.slice(name.lastIndexOf('.') + 1)};
        } catch {
            return null;
        }
    }

    _write(entry) {
        const {name, key, ...rest} = entry;
        try {
            this._storage.setItem(name, JSON.stringify(rest));
            this._overflow.delete(name);
        } catch {
            this._overflow.set(name, entry);
        }
        this._touch();
    }

    _touch() {
        this._list = null;
        this._changed();
    }
}

// Which tab sends: the one that holds the lock. Without locks every tab does,
// which is harmless, since a key repeated has one effect.
export class Turn {
    constructor(locks, name, changed) {
        this._locks = locks;
        this._name = name;
        this._changed = changed;
        this._round = 0;
        this._let_go = null;
        this.mine = false;
    }

    // Wait for it, or with `steal` take it from a tab that sleeps.
    take(steal = false) {
        const round = ++this._round;
        this._release();
        if (!this._locks) {
            this.mine = true;
            this._changed();
            return;
        }
        const hold = () => {
            if (round !== this._round) {
                return undefined;
            }
            return new Promise((resolve) => {
                this._let_go = resolve;
                this.mine = true;
                this._changed();
            });
        };
        this._locks.request(this._name, steal ? {steal: true} : {}, hold).catch(() => {
            // Stolen: the other tab is quicker, so stand in line again.
            if (round === this._round) {
                this.mine = false;
                this.take();
            }
        });
    }

    drop() {
        this._round++;
        this._release();
    }

    _release() {
        this.mine = false;
        if (this._let_go !== null) {
            this._let_go();
            this._let_go = null;
        }
    }
}
