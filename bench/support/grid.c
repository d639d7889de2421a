/* The grid of naive-grid.ts in whole numbers: tenths of a dollar, and money in 1e-8. Prints CPU microseconds of the
   fastest of several rounds, fills and cash. Reads "open high low close" lines in tenths from a file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LEVELS 121
#define BELOW 80
#define HELD_MOST 25
/* 0.004 BTC at a tenth of a dollar, in 1e-8 dollars. */
#define UNIT 40000

typedef struct { int32_t open, high, low, close; } candle;

static int64_t run(const candle *list, size_t count, int64_t *cash_out) {
  int32_t price[LEVELS];
  char is_held[LEVELS] = {0};
  for (int i = 0; i < LEVELS; i++) price[i] = 600000 + (i - BELOW) * 600;
  int64_t cash = 0, fills = 0;
  int held = 0;
  int32_t before = list[0].open;
  for (size_t c = 0; c < count; c++) {
    const candle k = list[c];
    const int high_first = k.high - k.open < k.open - k.low;
    const int32_t points[4] = {k.open, high_first ? k.high : k.low, high_first ? k.low : k.high, k.close};
    for (int p = 0; p < 4; p++) {
      const int32_t now = points[p];
      for (int i = 0; i < LEVELS; i++) {
        if (is_held[i] && now > price[i] + 1200) {
          const int64_t worth = (int64_t)(price[i] + 1200) * UNIT;
          is_held[i] = 0; held--; fills++;
          cash += worth - worth / 10000 * 2;
        } else if (is_held[i] && now <= price[i] - 12000) {
          const int64_t worth = (int64_t)(price[i] - 12000) * UNIT;
          is_held[i] = 0; held--; fills++;
          cash += worth - worth / 10000 * 5;
        } else if (!is_held[i] && held < HELD_MOST && now < price[i] && before >= price[i]) {
          const int64_t worth = (int64_t)price[i] * UNIT;
          is_held[i] = 1; held++; fills++;
          cash -= worth + worth / 10000 * 2;
        }
      }
      before = now;
    }
  }
  *cash_out = cash;
  return fills;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  FILE *file = fopen(argv[1], "r");
  if (!file) return 2;
  size_t count = 0, room = 1 << 16;
  candle *list = malloc(room * sizeof *list);
  while (list && fscanf(file, "%d %d %d %d", &list[count].open, &list[count].high, &list[count].low, &list[count].close) == 4)
    if (++count == room) list = realloc(list, (room *= 2) * sizeof *list);
  fclose(file);
  if (!list || count == 0) return 2;
  double least = 1e18;
  int64_t cash = 0, fills = 0;
  for (int round = 0; round < 20; round++) {
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    fills = run(list, count, &cash);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double micros = (to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) / 1e3;
    if (micros < least) least = micros;
  }
  printf("%.1f %lld %lld\n", least, (long long)fills, (long long)cash);
  return 0;
}
