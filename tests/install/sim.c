/* sim.c - a host that tests itself with the simulator: one world, judged to its end.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "usher.h"
#include "usher/sim.h"

int main(void)
{
    struct usher_sim_config cfg;
    struct usher_sim_result result = {0};
    struct usher_sim *world = NULL;
    usher_sim_config_init(&cfg);
    cfg.seed = 1;
    cfg.steps = 500;
    int rv = usher_sim_new(&world, &cfg);
    if (rv == 0) {
        rv = usher_sim_run(world, &result);
    }
    usher_sim_free(world);
    printf("sim: %s\n", rv == 0 ? "every promise held" : result.why);
    return rv == 0 ? 0 : 1;
}
