import type { CacheOptions, CacheStats, SetOptions } from '#course/day3-caching/contracts/bounded-cache.ts';

interface Node<V> {
  key: string;
  value: V;
  cost: number;
  size: number;
  until: number;
  prev: Node<V>;
  next: Node<V>;
  list: List<V>;
}

/** A ring with a head that is no entry. */
class List<V> {
  readonly head = {} as Node<V>;
  bytes = 0;
  constructor() {
    this.head.prev = this.head.next = this.head;
  }
  push(node: Node<V>): void {
    node.list = this;
    node.prev = this.head.prev;
    node.next = this.head;
    node.prev.next = node.next.prev = node;
    this.bytes += node.size;
  }
  static take<V>(node: Node<V>): void {
    node.prev.next = node.next;
    node.next.prev = node.prev;
    node.list.bytes -= node.size;
  }
  get oldest(): Node<V> | undefined {
    return this.head.next === this.head ? undefined : this.head.next;
  }
}

/** ARC by bytes: what was seen once, what was seen twice, and two lists of names that say which of them should be larger. */
export class BoundedCache<V> {
  private index = new Map<string, Node<V>>();
  private once = new List<V>();
  private twice = new List<V>();
  private ghosts = { once: new Map<string, number>(), twice: new Map<string, number>() };
  private goal = 0;
  private n = { hits: 0, misses: 0, evictions: 0, savedMicroUsd: 0 };
  private options: CacheOptions;
  constructor(options: CacheOptions) {
    this.options = options;
  }

  get(key: string): V | undefined {
    const node = this.index.get(key);
    if (node && performance.now() < node.until) {
      List.take(node);
      this.twice.push(node);
      this.n.hits++;
      this.n.savedMicroUsd += node.cost;
      return node.value;
    }
    if (node) this.drop(node);
    this.n.misses++;
    return undefined;
  }

  set(key: string, value: V, o: SetOptions = {}): void {
    const max = this.options.maxBytes;
    const size = o.size ?? 1;
    const old = this.index.get(key);
    const wasTwice = old?.list === this.twice;
    if (old) this.drop(old);
    if (size > max) return;
    const { once, twice } = this.ghosts;
    const back = once.has(key) || twice.has(key);
    if (once.delete(key))
      this.goal = Math.min(max, this.goal + size * Math.max(1, twice.size / (once.size + 1)));
    else if (twice.delete(key))
      this.goal = Math.max(0, this.goal - size * Math.max(1, once.size / (twice.size + 1)));
    while (this.once.bytes + this.twice.bytes + size > max) this.evict();
    const ttl = o.ttlMs ?? this.options.ttlMs ?? Infinity;
    const node = { key, value, cost: o.cost ?? 0, size, until: performance.now() + ttl } as Node<V>;
    this.index.set(key, node);
    (back || wasTwice ? this.twice : this.once).push(node);
  }

  stats(): CacheStats {
    return { entries: this.index.size, bytes: this.once.bytes + this.twice.bytes, ...this.n };
  }

  private evict(): void {
    const fromOnce = this.once.oldest && (this.once.bytes > this.goal || !this.twice.oldest);
    const node = (fromOnce ? this.once.oldest : this.twice.oldest) as Node<V>;
    this.drop(node);
    this.n.evictions++;
    const names = fromOnce ? this.ghosts.once : this.ghosts.twice;
    names.set(node.key, node.size);
    if (names.size > this.index.size + 1) {
      const first = names.keys().next().value as string;
      names.delete(first);
    }
  }

  private drop(node: Node<V>): void {
    List.take(node);
    this.index.delete(node.key);
  }
}
