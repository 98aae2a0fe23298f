/* ws.c - reads and writes the heads of WebSocket frames, and answers a handshake.
 * SPDX-License-Identifier: MIT */
#include "ws.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#define KEY_LEN 24 /* 16 bytes in base64 */

void ws_mask(char *bytes, size_t n, const unsigned char mask[WS_MASK], size_t at)
{
    unsigned char turned[8];
    uint64_t word, eight;
    size_t i = 0;

    for (size_t k = 0; k < sizeof turned; k++) {
        turned[k] = mask[(at + k) % WS_MASK];
    }
    memcpy(&eight, turned, sizeof eight);
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        word ^= eight;
        memcpy(bytes + i, &word, sizeof word);
    }
    for (; i < n; i++) {
        bytes[i] = (char) (bytes[i] ^ turned[i % sizeof turned]);
    }
}

int ws_parse(char *bytes, size_t n, struct ws_frame *out)
{
    const unsigned char *b = (const unsigned char *) bytes;

    if (n < 2) {
        return 0;
    }
    bool masked = (b[1] & 0x80) != 0;
    size_t len = b[1] & 0x7f;
    size_t at = 2;
    if ((b[0] & 0xf0) != 0x80) {
        return -1;
    }
    size_t more = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (n < at + more) {
        return 0;
    }
    if (more > 0) {
        len = 0;
        for (size_t i = 0; i < more; i++) {
            len = len << 8 | b[at + i];
        }
        at += more;
    }
    size_t head = at + (masked ? WS_MASK : 0);
    if (n < head || n - head < len) {
        return 0;
    }
    if (masked) {
        ws_mask(bytes + head, len, b + at, 0);
    }
    *out = (struct ws_frame){b[0] & 0x0f, bytes + head, len, head + len};
    return 1;
}

size_t ws_head(char out[WS_HEAD_MAX], int opcode, size_t len, const unsigned char *mask)
{
    unsigned bit = mask != NULL ? 0x80 : 0;
    size_t at = 2;

    out[0] = (char) (0x80 | opcode);
    if (len < 126) {
        out[1] = (char) (bit | len);
    } else {
        size_t more = len <= 0xffff ? 2 : 8;
        out[1] = (char) (bit | (more == 2 ? 126u : 127u));
        for (size_t i = more; i-- > 0;) {
            out[at++] = (char) (len >> (8 * i) & 0xff);
        }
    }
    if (mask != NULL) {
        memcpy(out + at, mask, WS_MASK);
        at += WS_MASK;
    }
    return at;
}

bool ws_accept(const char *head, char out[32])
{
    static const char name[] = "Sec-WebSocket-Key: ";
    static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[KEY_LEN + sizeof magic];
    unsigned size = 0;

    const char *key = strstr(head, name);
    if (key == NULL || strlen(key) < sizeof name - 1 + KEY_LEN) {
        return false;
    }
    memcpy(text, key + sizeof name - 1, KEY_LEN);
    memcpy(text + KEY_LEN, magic, sizeof magic);
    EVP_Digest(text, KEY_LEN + sizeof magic - 1, digest, &size, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *) out, digest, (int) size);
    return true;
}
