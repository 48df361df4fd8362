-- +goose Up
SET lock_timeout = '10s';

-- The car as its customer told of it: a visit may be booked for one whose VIN nobody has read yet.
ALTER TABLE service_bookings ADD COLUMN car jsonb NOT NULL DEFAULT '{}';

-- More work that a workshop found: the customer says yes or no to each line, and nothing is done without a yes.
CREATE TABLE service_findings (
  booking     uuid NOT NULL REFERENCES service_bookings,
  seq         integer NOT NULL CHECK (seq > 0),
  state       text NOT NULL CHECK (state IN ('asked', 'yes', 'no', 'over')),
  urgency     text NOT NULL CHECK (urgency IN ('now', 'soon', 'watch')),
  words       text NOT NULL CHECK (length(words) BETWEEN 3 AND 500),
  line        jsonb NOT NULL, -- what would be done and what it costs, as it would be sold
  jpeg        bytea,
  width       integer,
  height      integer,
  asked_at    timestamptz NOT NULL,
  asked_by    text NOT NULL,
  answered_at timestamptz,
  PRIMARY KEY (booking, seq),
  CONSTRAINT service_findings_answered CHECK ((state = 'asked') = (answered_at IS NULL)),
  CONSTRAINT service_findings_photo CHECK ((jpeg IS NULL) = (width IS NULL) AND (jpeg IS NULL) = (height IS NULL))
);

-- +goose Down
DROP TABLE service_findings;
ALTER TABLE service_bookings DROP COLUMN car;
