// usher-text.js - what makes people's words fit for a frame, for those who need nothing else.
// SPDX-License-Identifier: MIT

export {byteLength, cleanName, cleanText} from './usher-dom.js';
