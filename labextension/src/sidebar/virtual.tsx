import React, {
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

/** How many pixels of rows are drawn above and below what is seen, so that scrolling shows no gaps. */
const MARGIN = 300;

/** How near the end, in pixels, more rows are asked for. */
const NEAR_END = 600;

/** What a list of any length needs to draw only the rows that are seen. */
export interface IVirtualList<T> {
  rows: readonly T[];
  /** Height of a row in pixels; it follows from the row alone. */
  height: (row: T) => number;
  render: (row: T, index: number) => JSX.Element;
  /** The row that has to be seen, or -1. */
  reveal?: number;
  /** The end is near. */
  onEnd?: () => void;
  /** What follows the rows. */
  footer?: JSX.Element | null;
  /** Attributes of the list's node: its role, label, keys. */
  attributes?: React.HTMLAttributes<HTMLDivElement>;
}

/** The first index of sorted numbers whose number is greater than `value`. */
export function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** A list of which only the rows that are seen are drawn, so that a hundred thousand cost no more than fifty. */
export function VirtualList<T>(props: IVirtualList<T>): JSX.Element {
  const { rows, height, render, reveal = -1, onEnd } = props;
  const node = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });

  /** Where each row ends. */
  const ends = useMemo(() => {
    let end = 0;
    return rows.map(row => (end += height(row)));
  }, [rows, height]);
  const total = ends[ends.length - 1] ?? 0;

  const look = useCallback(() => {
    const { scrollTop = 0, clientHeight = 0 } = node.current ?? {};
    setView({ top: scrollTop, height: clientHeight || 600 });
    if (scrollTop + clientHeight > total - NEAR_END) {
      onEnd?.();
    }
  }, [total, onEnd]);

  useLayoutEffect(() => {
    look();
    const observer =
      typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(look);
    if (node.current) {
      observer?.observe(node.current);
    }
    return () => observer?.disconnect();
  }, [look]);

  useLayoutEffect(() => {
    const list = node.current;
    if (list && reveal >= 0 && reveal < rows.length) {
      const top = ends[reveal] - height(rows[reveal]);
      if (top < list.scrollTop) {
        list.scrollTop = top;
      } else if (ends[reveal] > list.scrollTop + list.clientHeight) {
        list.scrollTop = ends[reveal] - list.clientHeight;
      }
    }
    // Only when another row is to be seen: what is scrolled to by hand stays.
  }, [reveal]);

  const first = firstAbove(ends, view.top - MARGIN);
  const last = firstAbove(ends, view.top + view.height + MARGIN);
  const start = first > 0 ? ends[first - 1] : 0;
  return (
    <div
      ref={node}
      {...props.attributes}
      className={`jk-List ${props.attributes?.className ?? ''}`}
      onScroll={look}
    >
      <div className="jk-List-space" style={{ height: total }}>
        <div className="jk-List-rows" style={{ top: start }}>
          {rows
            .slice(first, last + 1)
            .map((row, index) => render(row, first + index))}
        </div>
      </div>
      {props.footer}
    </div>
  );
}

/** Where a key moves the current line of a list to, or null where it does not. */
export function moved(
  key: string,
  current: number,
  count: number
): number | null {
  const steps: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + 10,
    PageUp: current - 10,
    Home: 0,
    End: count - 1
  };
  return key in steps && count
    ? Math.max(0, Math.min(count - 1, steps[key]))
    : null;
}
