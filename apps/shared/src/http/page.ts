import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** Which part of a list a request wants. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiPropertyOptional({ minimum: 0, default: 0 })
  @Type(() => Number)
  @IsInt()
  @Min(0)
  offset: number = 0;
}

/** A part of a list. */
export interface Page<T> {
  items: T[];
  /** Where the next part begins; absent in the last. */
  nextOffset?: number;
}

/** One page of a sequence, of which no more is read than it takes. What comes twice counts once. */
export const takePage = async <T>(
  source: AsyncIterable<T> | Iterable<T>,
  { limit, offset }: PageQuery,
): Promise<Page<T>> => {
  const seen = new Set<T>();
  for await (const item of source) {
    seen.add(item);
    if (seen.size > offset + limit) break;
  }
  const items = [...seen].slice(offset, offset + limit);
  return { items, ...(seen.size > offset + limit ? { nextOffset: offset + limit } : {}) };
};
