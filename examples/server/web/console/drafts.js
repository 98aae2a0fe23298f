// drafts.js - keeps what an agent has begun to write, for each session, over reloads.
// SPDX-License-Identifier: MIT

const OLD_MS = 7 * 24 * 3600 * 1000;

export class Drafts {
    constructor(prefs, agent) {
        this._prefs = prefs;
        this._start = `draft.${agent}.`;
        for (const session of prefs.names(this._start)) {
            if (!(Date.now() - this.get(session).at < OLD_MS)) {
                this.drop(session);
            }
        }
    }

    // {reply, note, internal}: a note never goes out as a reply, so each has its own.
    get(session) {
        return {reply: '', note: '', internal: false, ...this._prefs.get(this._start + session, {})};
    }

    put(session, draft) {
        if (draft.reply === '' && draft.note === '') {
            this.drop(session);
        } else {
            this._prefs.set(this._start + session, {...draft, at: Date.now()});
        }
    }

    drop(session) {
        this._prefs.remove(this._start + session);
    }
}
