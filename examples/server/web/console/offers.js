// offers.js - shows each offer with the time that is left to answer it.
// SPDX-License-Identifier: MIT

import {el, fill, keepChildren} from '../usher-page.js';
import {shortcut} from './keys.js';
import {queueName} from './texts.js';

const URGENT_MS = 6000;

export class Offers {
    // tell(text) shows a passing message; signal says that the page is done with.
    constructor(link, texts, tell, signal) {
        this._link = link;
        this._texts = texts;
        this._tell = tell;
        this._cards = new Map();        // offer id -> {node, left, total, answered}
        this._list = el('div.cards');
        this.node = el('section.offers', {'aria-label': texts.offers}, this._list);
        this._known = new Map();        // offer id -> what it was called, for when it is over
        const timer = setInterval(() => this._count(), 250);
        signal.addEventListener('abort', () => clearInterval(timer));
    }

    who(offer) {
        return offer.form?.name || this._texts.offer.someone;
    }

    // {who, queue} of an offer, even if it is over.
    words(id) {
        return this._known.get(id) ?? {who: this._texts.offer.someone, queue: ''};
    }

    draw() {
        const offers = [...this._link.offers.values()];
        for (const id of this._cards.keys()) {
            if (!this._link.offers.has(id)) {
                this._cards.delete(id);
            }
        }
        keepChildren(this._list, offers.map((offer) => this._card(offer).node));
        this.node.hidden = offers.length === 0;
        this._count();
    }

    _card(offer) {
        let card = this._cards.get(offer.offer);
        if (card === undefined) {
            card = this._build(offer);
            this._cards.set(offer.offer, card);
        }
        return card;
    }

    _build(offer) {
        // If the clocks disagree so much that it seems to be over, no time is shown.
        const card = {offer, total: offer.until - this._link.serverNow()};
        const email = offer.form?.email;
        const words = {who: this.who(offer), queue: queueName(offer.queue, this._link)};
        this._known.set(offer.offer, words);
        card.accept = el('button.primary', {
            type: 'button', 'aria-keyshortcuts': shortcut('accept'),
            onclick: () => this._answer(card, this._link.accept(offer.offer))},
                         this._texts.accept);
        card.decline = el('button', {
            type: 'button', 'aria-keyshortcuts': shortcut('decline'),
            onclick: () => this._answer(card, this._link.decline(offer.offer))},
                          this._texts.decline);
        card.bar = el('span.left');
        card.words = el('span.seconds', {'aria-hidden': 'true'});
        card.time = el('div.countdown', {hidden: card.total <= 0}, el('span.bar', {}, card.bar),
                       card.words);
        card.node = el('article.offer', {},
                       el('p.what', {}, fill(this._texts.offer.title, words)),
                       email ? el('p.email', {}, el('bdi', {}, email)) : null,
                       offer.needs ? el('p.needs', {}, ...this._needs(offer.needs)) : null,
                       card.time,
                       el('div.choices', {}, card.accept, card.decline));
        return card;
    }

    // A mark for each skill that is needed, with its level where that is more than some.
    _needs(needs) {
        return Object.entries(needs).map(([skill, level]) => el('bdi.need', {},
            level > 1 ? `${skill} ${this._texts.number(level)}` : skill));
    }

    // By the keyboard: the one that ends first.
    answer(accept) {
        const cards = [...this._cards.values()].sort((a, b) => a.offer.until - b.offer.until);
        const card = cards.find((one) => !one.accept.disabled);
        if (card !== undefined) {
            (accept ? card.accept : card.decline).click();
        }
    }

    async _answer(card, answer) {
        card.accept.disabled = true;
        card.decline.disabled = true;
        try {
            await answer;
        } catch {
            this._tell(this._texts.offer.too_late);
        }
        card.accept.disabled = false;
        card.decline.disabled = false;
    }

    _count() {
        for (const card of this._cards.values()) {
            const left = Math.max(0, card.offer.until - this._link.serverNow());
            const share = Math.min(1, left / Math.max(1, card.total));
            card.bar.style.transform = `scaleX(${share.toFixed(4)})`;
            card.words.textContent = fill(this._texts.offer.left, {
                s: this._texts.number(Math.ceil(left / 1000))});
            card.node.classList.toggle('urgent', card.total > 0 && left < URGENT_MS);
        }
    }
}
