// usher-thread.js - the thread as an agent sees it: with the notes that stay inside.
// SPDX-License-Identifier: MIT

import {el, icon, ICONS} from './usher-page.js';
import {Thread as VisitorThread} from './widget-thread.js';

export class Thread extends VisitorThread {
    _pending(log) {
        return this._link.pending(log?.id ?? null).filter(
            (entry) => entry.command.body !== undefined);
    }

    _mine(by) {
        return super._mine(by) && by.id === this._link.me?.agent;
    }

    _message(fact, before) {
        const node = super._message(fact, before);
        if (fact.type === 'whispered') {
            const author = node.querySelector('.author');
            node.classList.replace('agent', 'internal');
            author.classList.remove('aside');
            author.append(el('span.secret', {}, icon(ICONS.lock), this._texts.internal));
            node.querySelector('.tick')?.remove();
        }
        return node;
    }

    _unsent(entry, ours) {
        const node = super._unsent(entry, ours);
        if (entry.command.type === 'whisper') {
            node.classList.replace('agent', 'internal');
        }
        return node;
    }
}
