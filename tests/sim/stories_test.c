/* stories_test.c - plays every story of tests/story.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/usher/sim.h"

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 65536);
    if (f == NULL || text == NULL || fread(text, 1, 65535, f) == 0) {
        abort();
    }
    fclose(f);
    return text;
}

int main(void)
{
    struct dirent **names;
    int n = scandir("tests/story", &names, NULL, alphasort);
    int played = 0;
    int bad = 0;
    for (int i = 0; i < n; i++) {
        char path[512];
        struct usher_fault why;
        if (strstr(names[i]->d_name, ".txt") != NULL) {
            snprintf(path, sizeof path, "tests/story/%s", names[i]->d_name);
            char *text = read_all(path);
            int rv = usher_sim_play(text, &why);
            played++;
            bad += rv != 0;
            printf("%s %d - %s%s%s\n", rv == 0 ? "ok" : "not ok", played, names[i]->d_name,
                   rv == 0 ? "" : ": ", rv == 0 ? "" : why.text);
            free(text);
        }
        free(names[i]);
    }
    free(names);
    /* A story that expects what does not happen must fail. */
    struct usher_fault why;
    bool can_fail =
        usher_sim_play("queue sales offer 20000\n[0] ann starts in sales \"hi\" -> ann joined\n",
                       &why) != 0;
    printf("%s %d - a wrong story fails\n1..%d\n# stories %d, failed %d\n",
           can_fail ? "ok" : "not ok", played + 1, played + 1, played, bad);
    return bad == 0 && can_fail && played > 0 ? 0 : 1;
}
