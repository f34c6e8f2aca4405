/** A port, or a part of the worker, with some of its methods replaced. */
export function withMethods<T extends object>(part: T, methods: Partial<T>): T {
  return new Proxy(part, {
    get(target, name) {
      if (name in methods) return Reflect.get(methods, name) as unknown
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
