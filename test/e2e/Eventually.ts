/** Asserts again and again until it holds; after `within` milliseconds the last failure counts. */
export const eventually = async <A>(assertion: () => Promise<A> | A, within = 5000, every = 20): Promise<A> => {
  const deadline = performance.now() + within
  for (;;) {
    try {
      return await assertion()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
