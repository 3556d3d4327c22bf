// Reading and changing through the contract: a route is its own query, and a change names what it makes stale.

import { type AnswerOf, ApiError, type Input, type Route } from '@omserver/api'
import {
  keepPreviousData,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { client } from './client.ts'

/** A refusal stays a refusal; only a server that could not be reached is asked again. */
const retry = (count: number, error: Error): boolean => !(error instanceof ApiError) && count < 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry, staleTime: 5_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
})

/** Where the answer of a route is kept. The id comes first, so that `refresh('hosts.')` finds all of a slice. */
export const keyOf = <R extends Route>(route: R, input: Input<R>) => [
  route.id,
  input.params ?? null,
  input.query ?? null,
  input.body ?? null,
]

export interface AnswerOptions<T> {
  readonly enabled?: boolean
  readonly staleTime?: number
  /** ms between two readings; absent: only when something changed. */
  readonly every?: number
  /** Show the last answer while the next is on its way: for lists whose filter changes. */
  readonly keepLast?: boolean
  /** Which answer to go on with, in place of comparing the two in depth: for very large answers. */
  readonly share?: (old: T | undefined, next: T) => T
}

/** The answer of a reading route. Also for POST routes that only compute, such as `hosts.resolve`. */
export const useAnswer = <R extends Route>(
  route: R,
  input: Input<R>,
  options: AnswerOptions<AnswerOf<R>> = {},
): UseQueryResult<AnswerOf<R>, Error> => {
  const query = useQuery<AnswerOf<R>, Error>({
    queryKey: keyOf(route, input),
    queryFn: ({ signal }) => client.call(route, { ...input, signal }),
    ...(options.enabled === undefined ? {} : { enabled: options.enabled }),
    ...(options.staleTime === undefined ? {} : { staleTime: options.staleTime }),
    ...(options.every === undefined ? {} : { refetchInterval: options.every }),
    ...(options.share === undefined
      ? {}
      : { structuralSharing: options.share as (old: unknown, next: unknown) => unknown }),
    ...(options.keepLast === true ? { placeholderData: keepPreviousData } : {}),
  })
  const { refetch } = query
  const { every } = options
  const wasPolled = useRef(false)
  useEffect(() => {
    // What was read every second until it ended was last read before the end.
    if (wasPolled.current && every === undefined) void refetch()
    wasPolled.current = every !== undefined
  }, [every, refetch])
  return query
}

/** Marks every kept answer whose route id starts with one of these as stale: `refresh('hosts.', 'groups.')`. */
export const refresh = async (...prefixes: readonly string[]): Promise<void> => {
  await queryClient.invalidateQueries({
    predicate: ({ queryKey }) => prefixes.some((prefix) => String(queryKey[0]).startsWith(prefix)),
  })
}

/** A change through `route`; `stale` are prefixes of route ids whose answers it makes old. */
export const useChange = <R extends Route>(
  route: R,
  stale: readonly string[] = [],
): UseMutationResult<AnswerOf<R>, Error, Input<R>> =>
  useMutation<AnswerOf<R>, Error, Input<R>>({
    mutationFn: (input) => client.call(route, input),
    onSuccess: () => refresh(...stale),
  })
