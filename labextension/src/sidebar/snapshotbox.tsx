import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { metric } from '../words';

/** Where one says what this version is, and takes the snapshot. */
export function SnapshotBox(props: {
  busy: boolean;
  /** Numbers that the next snapshot will record. */
  metrics: Record<string, number>;
  /** Take it; resolves to whether it was taken. */
  take: (message: string, tags: string[]) => Promise<boolean>;
  trans: TranslationBundle;
}): JSX.Element {
  const { busy, trans } = props;
  const [message, setMessage] = useState('');
  const [tag, setTag] = useState('');
  const [tagging, setTagging] = useState(false);
  const take = async (): Promise<void> => {
    const tags = tagging ? tag.split(/[\s,]+/).filter(Boolean) : [];
    if (!busy && (await props.take(message.trim(), tags))) {
      setMessage('');
      setTag('');
      setTagging(false);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void take();
    }
  };
  const metrics = Object.entries(props.metrics);
  return (
    <div className="jk-SnapshotBox" onKeyDown={onKeyDown}>
      <textarea
        className="jk-SnapshotBox-message"
        rows={Math.min(6, Math.max(2, message.split('\n').length))}
        value={message}
        placeholder={trans.__('What is this version?')}
        aria-label={trans.__('Message of the snapshot')}
        onChange={event => setMessage(event.target.value)}
      />
      {tagging && (
        <input
          className="jp-mod-styled jk-SnapshotBox-tag"
          value={tag}
          autoFocus
          placeholder={trans.__('Tags, such as v1')}
          aria-label={trans.__('Tags of the snapshot')}
          onChange={event => setTag(event.target.value)}
        />
      )}
      {metrics.length > 0 && (
        <div className="jk-SnapshotBox-metrics jk-Quiet">
          {trans.__(
            'Will record %1',
            metrics
              .map(([name, value]) => `${name} ${metric(value)}`)
              .join(', ')
          )}
        </div>
      )}
      <div className="jk-SnapshotBox-line">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept jk-Button jk-SnapshotBox-take"
          disabled={busy}
          title={trans.__('Keep all files as they are now (Ctrl+Enter)')}
          onClick={() => void take()}
        >
          {trans.__('Snapshot')}
        </button>
        <button
          type="button"
          className={`jk-TextButton ${tagging ? 'jk-mod-on' : ''}`}
          aria-pressed={tagging}
          title={trans.__('Give the snapshot a tag')}
          onClick={() => setTagging(!tagging)}
        >
          {trans.__('Tag')}
        </button>
      </div>
    </div>
  );
}
