/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A full-text index that slower copies of itself can be built from: makes documents out of a seed,
 * takes them apart into words, keeps packed lists of where each word is, and answers queries.
 * usage: index DOCUMENTS
 *
 *     gcc -O2 -g -pthread -fno-optimize-sibling-calls [-DREGRESS_NAME] -o index index.c
 *
 * What a macro injects, and which functions are then to blame, is said in `truth` beside this file.
 * Every build prints the same. Functions that the injections touch are kept out of each other's
 * code, so that what is injected is what changes. */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline, noclone))

enum { N_WORDS = 4096, N_SLOTS = 16384, N_DOCUMENT_WORDS = 120, N_BEST = 10, N_TEXTS = 512 };

typedef struct {
    char text[24];
    size_t n_bytes;
} Word;

typedef struct {
    Word word;
    uint64_t hash;
    uint8_t *packed; /* differences of document numbers, seven bits in a byte */
    size_t n_packed, n_room;
    uint32_t n_documents, last_document;
} Term;

typedef struct {
    Term *terms;
    uint32_t n_terms;
    uint32_t slots[N_SLOTS]; /* term + 1; 0: free */
    uint64_t n_tokens, n_bytes, n_long, n_short, digest;
    pthread_mutex_t mutex;
    char texts[N_TEXTS][N_DOCUMENT_WORDS * 16];
    size_t n_text[N_TEXTS];
} Index;

typedef struct {
    uint32_t document, score;
} Match;

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void *room(void *old, size_t n_bytes)
{
    void *new = realloc(old, n_bytes);

    if (new == NULL) {
        fputs("index: out of memory\n", stderr);
        exit(1);
    }
    return new;
}

/* Words that are common are many: the least of three draws. */
static uint32_t draw_word(uint64_t *state)
{
    uint32_t least = N_WORDS;

    for (int i = 0; i < 3; i++) {
        uint32_t drawn = (uint32_t)(next_random(state) % N_WORDS);
        least = drawn < least ? drawn : least;
    }
    return least;
}

APART static size_t write_document(char *text, uint64_t seed)
{
    static const char *const PARTS[] = {"an", "Be", "cor", "Du", "en", "fi",  "gal", "Ho",
                                        "in", "Ju", "kel", "lo", "Mi", "nor", "ou",  "pa"};
    uint64_t state = seed;
    char *end = text;

    for (int i = 0; i < N_DOCUMENT_WORDS; i++) {
        uint32_t word = draw_word(&state);

        for (int part = 0; part < 3; part++, word /= 16)
            end = stpcpy(end, PARTS[word % 16]);
        end = stpcpy(end, word % 3 == 0 ? "ing " : " ");
    }
    return (size_t)(end - text);
}

/* The next word of the text in lower case; false: there is none. */
APART static bool next_word(const char **at, const char *end, Word *word)
{
    while (*at < end && **at == ' ')
        ++*at;
    word->n_bytes = 0;
    while (*at < end && **at != ' ' && word->n_bytes < sizeof(word->text))
        word->text[word->n_bytes++] = *(*at)++ | 32;
    return word->n_bytes > 0;
}

/* Takes an ending off. */
#ifdef REGRESS_SLOWER
/* The mistake: tries each ending in several places, not at the end alone. */
APART static void stem(Word *word)
{
    static const char ENDINGS[][4] = {"ing", "est", "ers"};
    size_t found = word->n_bytes;

    for (size_t at = word->n_bytes > 7 ? word->n_bytes - 7 : 0; at + 3 <= word->n_bytes; at++)
        for (size_t i = 0; i < 3; i++) {
            bool same = true;

            for (size_t j = 0; j < 3; j++)
                same &= word->text[at + j] == ENDINGS[i][j];
            if (same && at + 3 == word->n_bytes)
                found = at;
        }
    word->n_bytes = found;
}
#else
APART static void stem(Word *word)
{
    const char *end = word->text + word->n_bytes;

    if (word->n_bytes > 3 && end[-3] == 'i' && end[-2] == 'n' && end[-1] == 'g')
        word->n_bytes -= 3;
}
#endif

/* FNV-1a, 64 bits. */
APART static uint64_t hash_of(const char *text, size_t n_bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < n_bytes; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 31;
}

static bool is_same(const Word *a, const Word *b)
{
    if (a->n_bytes != b->n_bytes)
        return false;
    for (size_t i = 0; i < a->n_bytes; i++)
        if (a->text[i] != b->text[i])
            return false;
    return true;
}

/* Byte by byte, as the word was written: a wider load would wait for all of these stores, wherever
 * in the program it stands, and then own time is not a function's own. */
static void copy_word(Word *copy, const Word *word)
{
    copy->n_bytes = word->n_bytes;
    for (size_t i = 0; i < word->n_bytes; i++) {
        copy->text[i] = word->text[i];
        __asm__ volatile("");
    }
}

static Term *append(Index *index, const Word *word, uint64_t hash)
{
    Term *term = &index->terms[index->n_terms++];

    *term = (Term){.hash = hash};
    copy_word(&term->word, word);
    return term;
}

/* The term of a word; made if the index does not have it. */
APART static Term *find(Index *index, const Word *word)
{
    uint64_t hash = hash_of(word->text, word->n_bytes);
    size_t slot = hash % N_SLOTS;

    for (; index->slots[slot] != 0; slot = (slot + 1) % N_SLOTS) {
        Term *term = &index->terms[index->slots[slot] - 1];

#ifdef REGRESS_OFTEN
        /* The mistake: works out what the term has. */
        for (size_t n = 0; n < 3; n++)
            if (hash_of(term->word.text, term->word.n_bytes - n % term->word.n_bytes) == 1)
                abort();
#endif
        if (term->hash == hash && is_same(&term->word, word))
            return term;
    }
    index->slots[slot] = index->n_terms + 1;
    return append(index, word, hash);
}

/* One document more in a term's list. */
APART static void put(Term *term, uint32_t document)
{
    uint32_t gap = document - term->last_document;

    if (term->n_documents > 0 && gap == 0)
        return;
    if (term->n_room < term->n_packed + 5) {
        term->n_room = term->n_room * 2 + 16;
        term->packed = room(term->packed, term->n_room);
    }
    for (; gap >= 128; gap >>= 7)
        term->packed[term->n_packed++] = (uint8_t)(gap | 128);
    term->packed[term->n_packed++] = (uint8_t)gap;
    term->last_document = document;
    term->n_documents++;
}

#ifdef REGRESS_INLINE
#define BLEND APART static
#else
#define BLEND static inline __attribute__((always_inline))
#endif

BLEND uint32_t blend(uint32_t a, uint32_t b, uint32_t c)
{
    return (a ^ b >> 3) + (c & 0xffff) + (b << 1 & 0xff);
}

/* A sum over the text, several bytes at once. */
APART static uint32_t checksum(const char *text, size_t n_bytes)
{
    uint32_t sums[16] = {0}, sum = 0;

    for (uint32_t turn = 0; turn < 4; turn++)
        for (size_t i = 0; i + 64 <= n_bytes; i += 64) {
            uint32_t words[16];

            memcpy(words, text + i, sizeof(words));
            for (size_t j = 0; j < 16; j++)
                sums[j] = blend(sums[j], words[j], turn);
        }
    for (size_t j = 0; j < 16; j++)
        sum = sum * 31 + sums[j];
    return sum;
}

#ifdef REGRESS_LOCK
/* The mistake: a lock for each number. */
APART static void add(Index *index, uint64_t *number, uint64_t n)
{
    pthread_mutex_lock(&index->mutex);
    *number += n;
    pthread_mutex_unlock(&index->mutex);
}
#else
APART static void add(Index *index, uint64_t *number, uint64_t n)
{
    *number += n;
    __asm__ volatile("" : : "r"(index)); /* keeps both builds' arguments the same */
}
#endif

static void count_word(Index *index, const Word *word)
{
    add(index, &index->n_tokens, 1);
    add(index, &index->n_bytes, word->n_bytes);
    add(index, &index->n_long, word->n_bytes > 9);
    add(index, &index->n_short, word->n_bytes < 7);
}

#ifdef REGRESS_ALLOC
/* The mistake: copies of its own for each word. */
APART static void add_word(Index *index, const Word *word, uint32_t document)
{
    Word *copies[2];

    for (size_t i = 0; i < 2; i++) {
        copies[i] = room(NULL, sizeof(Word) << (i & 1));
        copy_word(copies[i], word);
    }
    stem(copies[1]);
    put(find(index, copies[1]), document);
    for (size_t i = 0; i < 2; i++)
        free(copies[i]);
}
#else
APART static void add_word(Index *index, const Word *word, uint32_t document)
{
    Word copy;

    copy_word(&copy, word);
    stem(&copy);
    put(find(index, &copy), document);
}
#endif

#ifdef REGRESS_NEW
/* Work that did not exist: whether the word reads the same from behind. */
APART static bool is_palindrome(const Word *word)
{
    size_t n_same = 0;

    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < word->n_bytes; i++)
            n_same += word->text[i] == word->text[word->n_bytes - 1 - i] + (char)round;
    return n_same == 2 * word->n_bytes;
}
#endif

APART static void add_document(Index *index, uint32_t document)
{
    const char *text = index->texts[document % N_TEXTS];
    const char *at = text, *end = text + index->n_text[document % N_TEXTS];
    Word word;

    index->digest = index->digest * 33 + checksum(text, (size_t)(end - text));
    while (next_word(&at, end, &word)) {
        count_word(index, &word);
#ifdef REGRESS_NEW
        if (is_palindrome(&word))
            abort();
#endif
        add_word(index, &word, document);
    }
}

/* The next document of a list. */
APART static uint32_t take(const uint8_t **at, uint32_t document)
{
    uint32_t gap = 0;
    int shift = 0;

    for (; **at >= 128; ++*at, shift += 7)
        gap |= (uint32_t)(**at & 127) << shift;
    gap |= (uint32_t) * (*at)++ << shift;
    return document + gap;
}

/* Keeps the best, in falling order of score. */
static void keep(Match *best, Match match)
{
    for (size_t i = 0; i < N_BEST; i++)
        if (match.score > best[i].score) {
            Match pushed = best[i];

            best[i] = match;
            match = pushed;
        }
}

/* Documents that have both terms. */
APART static uint32_t query(const Term *a, const Term *b, Match *best)
{
    const uint8_t *at_a = a->packed, *at_b = b->packed;
    const uint8_t *end_a = at_a + a->n_packed, *end_b = at_b + b->n_packed;
    uint32_t document_a = 0, document_b = 0, n_found = 0;

    if (at_a == end_a || at_b == end_b)
        return 0;
    document_a = take(&at_a, 0);
    document_b = take(&at_b, 0);
    for (;;) {
        if (document_a == document_b) {
            keep(best, (Match){document_a, document_a % 97 + 1});
            n_found++;
        }
        const uint8_t **at = document_a <= document_b ? &at_a : &at_b;
        if (*at == (at == &at_a ? end_a : end_b))
            return n_found;
        if (at == &at_a)
            document_a = take(at, document_a);
        else
            document_b = take(at, document_b);
    }
}

int main(int argc, char **argv)
{
    uint32_t n_documents = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;
    Index *index = room(NULL, sizeof(*index));
    Match best[N_BEST] = {{0}};
    uint64_t n_found = 0, state = 7;

    memset(index, 0, sizeof(*index));
    pthread_mutex_init(&index->mutex, NULL);
    index->terms = room(NULL, N_WORDS * 2 * sizeof(Term));
    for (uint32_t i = 0; i < N_TEXTS; i++)
        index->n_text[i] = write_document(index->texts[i], i);
    for (uint32_t document = 1; document <= n_documents; document++)
        add_document(index, document);
    for (uint32_t i = 0; i < n_documents / 8 && index->n_terms > 0; i++)
        n_found += query(&index->terms[next_random(&state) % index->n_terms % 64],
                         &index->terms[next_random(&state) % index->n_terms % 64], best);
    printf("%u terms, %llu words of %llu bytes, %llu long, %llu short, digest %llx, %llu found\n",
           index->n_terms, (unsigned long long)index->n_tokens, (unsigned long long)index->n_bytes,
           (unsigned long long)index->n_long, (unsigned long long)index->n_short,
           (unsigned long long)index->digest, (unsigned long long)n_found + best[0].document);
    for (uint32_t i = 0; i < index->n_terms; i++)
        free(index->terms[i].packed);
    free(index->terms);
    free(index);
    return 0;
}
