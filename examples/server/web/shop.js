// shop.js - the demo shop: which product is shown, and a basket that lives in this browser.
// SPDX-License-Identifier: MIT

const TEXTS = {
    added: (name) => `${name} is in your basket.`,
    empty: 'Your basket is empty.',
    total: 'Together',
    number: (name) => `Number of ${name}`,
    remove: 'Remove',
    title: (name) => `${name} – Tide & Pine`,
};

const PRODUCTS = {
    mug: {name: 'Tide mug', price: 28, size: '350 ml, 9 cm high',
          text: 'Holds a large coffee and keeps it warm. The sea-green glaze breaks over the rim, '
              + 'so that no two are the same.'},
    bowl: {name: 'Harbour bowl', price: 46, size: '24 cm wide, 11 cm high',
           text: 'For salad, for soup for three, or for the keys by the door. Blue like the water '
               + 'after rain.'},
    vase: {name: 'Snowline vase', price: 64, size: '31 cm high',
           text: 'A calm white that makes one twig enough. The foot is left bare, so that you see '
               + 'the clay.'},
    plate: {name: 'Pine plate', price: 34, size: '27 cm wide',
            text: 'A forest-green rim around a warm, speckled middle. It stacks well, and looks '
                + 'good with everything.'},
    teapot: {name: 'Ember teapot', price: 89, size: '1.1 l',
             text: 'Pours without dripping; we tried until it did. With a steel strainer and a '
                 + 'handle that stays cool.'},
    planter: {name: 'Shoreline planter', price: 52, size: '22 cm wide',
              text: 'Two glazes meet like water and sand. There is a hole in the bottom, and a '
                  + 'saucer to go with it.'},
};

const STORE = 'tide-and-pine.basket';

function euros(n) {
    return `€${n}`;
}

function readBasket() {
    try {
        const kept = Object.entries(JSON.parse(localStorage.getItem(STORE)) ?? {});
        return Object.fromEntries(kept.filter(([id, n]) => Object.hasOwn(PRODUCTS, id)
            && Number.isInteger(n) && n > 0 && n < 100));
    } catch {
        return {};
    }
}

function writeBasket(basket) {
    try {
        localStorage.setItem(STORE, JSON.stringify(basket));
    } catch {
        // A private window: the basket lasts as long as the page.
    }
    drawCount(basket);
}

function drawCount(basket) {
    const n = Object.values(basket).reduce((sum, one) => sum + one, 0);
    document.querySelector('[data-basket-count]').textContent = String(n);
}

function element(tag, text, props = {}) {
    return Object.assign(document.createElement(tag), {textContent: text, ...props});
}

function drawProduct() {
    const asked = new URLSearchParams(location.search).get('item');
    const id = Object.hasOwn(PRODUCTS, asked ?? '') ? asked : 'mug';
    const product = PRODUCTS[id];
    const texts = {...product, price: euros(product.price)};
    for (const node of document.querySelectorAll('[data-item]')) {
        if (node.dataset.item === 'image') {
            node.src = `img/${id}.svg`;
        } else {
            node.textContent = texts[node.dataset.item];
        }
    }
    document.title = TEXTS.title(product.name);
    const form = document.querySelector('[data-buy]');
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const basket = readBasket();
        basket[id] = Math.min(99, (basket[id] ?? 0) + Number(form.elements.number.value));
        writeBasket(basket);
        document.querySelector('[data-added]').textContent = TEXTS.added(product.name);
    });
}

function basketRow(id, n, basket) {
    const product = PRODUCTS[id];
    const row = element('li', '', {className: 'row'});
    const image = element('img', '', {src: `img/${id}.svg`, alt: '', width: 72, height: 72});
    const link = element('a', product.name, {href: `product.html?item=${id}`});
    const number = element('input', '', {type: 'number', min: '1', max: '99', value: String(n)});
    const remove = element('button', TEXTS.remove, {type: 'button', className: 'plain'});
    number.setAttribute('aria-label', TEXTS.number(product.name));
    number.addEventListener('change', () => {
        basket[id] = Math.min(99, Math.max(1, Math.trunc(Number(number.value)) || 1));
        writeBasket(basket);
        drawBasket();
    });
    remove.addEventListener('click', () => {
        delete basket[id];
        writeBasket(basket);
        drawBasket();
    });
    row.append(image, link, number, remove,
               element('span', euros(product.price * n), {className: 'price'}));
    return row;
}

function drawBasket() {
    const box = document.querySelector('[data-basket]');
    const basket = readBasket();
    const rows = Object.entries(basket);
    if (rows.length === 0) {
        box.replaceChildren(element('p', TEXTS.empty));
        return;
    }
    const list = element('ul', '', {className: 'rows'});
    list.append(...rows.map(([id, n]) => basketRow(id, n, basket)));
    const sum = rows.reduce((all, [id, n]) => all + PRODUCTS[id].price * n, 0);
    const total = element('p', `${TEXTS.total} `, {className: 'total'});
    total.append(element('strong', euros(sum)));
    box.replaceChildren(list, total);
}

drawCount(readBasket());
if (document.querySelector('[data-buy]') !== null) {
    drawProduct();
}
if (document.querySelector('[data-basket]') !== null) {
    drawBasket();
}
