/* chart.c - draws a chart; its colours come from the page.
 * SPDX-License-Identifier: MIT */
#include "chart.h"

#include <math.h>

#define WIDTH 760.0
#define HEIGHT 220.0
#define LEFT 64.0
#define RIGHT 16.0
#define TOP 14.0
#define BOTTOM 30.0
#define LABELS 12 /* at most, under the chart */

void sim_chart_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static double x_of(const struct sim_chart *c, double i)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * i / (double) c->n;
}

static double y_of(double value, double top)
{
    double part = value / top;

    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part;
}

/* A step of 1, 2, 2.5 or 5 times a power of ten, of which about four reach the top. */
static double step_of(double top)
{
    double power = pow(10, floor(log10(top / 4)));
    double part = top / 4 / power;

    if (part > 5) {
        return 10 * power;
    }
    return power * (part > 2.5 ? 5 : part > 2 ? 2.5 : part > 1 ? 2 : 1);
}

static double highest(const struct sim_chart *c)
{
    double most = c->top;

    for (size_t i = 0; i < c->n && c->top <= 0; i++) {
        double error = c->error != NULL && c->error[i] >= 0 ? 2 * c->error[i] : 0;
        most = c->value[i] + error > most ? c->value[i] + error : most;
    }
    if (!(most > 0)) {
        return 1;
    }
    return c->top > 0 ? most : ceil(most / step_of(most) - 1e-9) * step_of(most);
}

static void draw_axes(FILE *out, const struct sim_chart *c, double top)
{
    double step = step_of(top);
    size_t every = (c->n + LABELS - 1) / LABELS;

    for (double at = 0; at <= top * 1.0001; at += step) {
        double y = y_of(at, top);
        fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT,
                WIDTH - RIGHT, y, y);
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.6g%s</text>\n", LEFT - 6,
                y + 4, at, c->unit);
    }
    for (size_t i = 0; i < c->n; i += every) {
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x_of(c, (double) i), HEIGHT - BOTTOM + 18);
        sim_chart_text(out, c->label(c->ctx, i));
        fprintf(out, "</text>\n");
    }
}

static void draw_bars(FILE *out, const struct sim_chart *c, double top)
{
    double width = (WIDTH - LEFT - RIGHT) / (double) c->n;
    double gap = width > 6 ? 1 : 0;

    for (size_t i = 0; i < c->n; i++) {
        if (c->value[i] > 0) {
            double y = y_of(c->value[i], top);
            fprintf(out,
                    "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                    x_of(c, (double) i) + gap, y, width - 2 * gap, HEIGHT - BOTTOM - y);
        }
    }
}

/* From point to point, with a gap where nothing is known; twice the error upright on each. */
static void draw_line(FILE *out, const struct sim_chart *c, double top)
{
    bool open = false;

    for (size_t i = 0; i < c->n; i++) {
        if (isnan(c->value[i])) {
            fputs(open ? "\"/>\n" : "", out);
            open = false;
            continue;
        }
        fputs(open ? " " : "<polyline class=\"line\" points=\"", out);
        fprintf(out, "%.1f,%.1f", x_of(c, (double) i + 0.5), y_of(c->value[i], top));
        open = true;
    }
    fputs(open ? "\"/>\n" : "", out);
    for (size_t i = 0; c->error != NULL && i < c->n; i++) {
        if (!isnan(c->value[i]) && c->error[i] > 0) {
            double x = x_of(c, (double) i + 0.5);
            fprintf(out,
                    "<line class=\"error\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", x,
                    x, y_of(c->value[i] - 2 * c->error[i], top),
                    y_of(c->value[i] + 2 * c->error[i], top));
        }
    }
}

void sim_chart_draw(FILE *out, const struct sim_chart *c)
{
    double top = highest(c);

    fprintf(out, "<figure><figcaption>");
    sim_chart_text(out, c->title);
    fprintf(out, "</figcaption>\n<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\"><title>", WIDTH,
            HEIGHT);
    sim_chart_text(out, c->title);
    fprintf(out, "</title>\n");
    draw_axes(out, c, top);
    if (c->form == SIM_CHART_BARS) {
        draw_bars(out, c, top);
    } else {
        draw_line(out, c, top);
    }
    fprintf(out, "</svg></figure>\n");
}
