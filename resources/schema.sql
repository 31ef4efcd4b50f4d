CREATE TABLE calibration (
	model VARCHAR NOT NULL,
	samples INTEGER NOT NULL,
	text FLOAT NOT NULL,
	tool_call FLOAT NOT NULL,
	parameter FLOAT NOT NULL,
	message FLOAT NOT NULL,
	PRIMARY KEY (model)
)
 WITHOUT ROWID;
CREATE TABLE file (
	id INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	path VARCHAR NOT NULL,
	position INTEGER NOT NULL,
	device VARCHAR NOT NULL,
	inode VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	head BLOB NOT NULL,
	generation INTEGER NOT NULL,
	reader INTEGER NOT NULL,
	memory BLOB NOT NULL,
	skipped VARCHAR NOT NULL,
	problem VARCHAR,
	problem_at BIGINT,
	read_at BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX file_by_inode ON file (device, inode);
CREATE UNIQUE INDEX file_by_path ON file (source, path);
CREATE TABLE invoice (
	id INTEGER NOT NULL,
	vendor VARCHAR NOT NULL,
	account VARCHAR NOT NULL,
	since VARCHAR NOT NULL,
	until VARCHAR NOT NULL,
	total BIGINT NOT NULL,
	currency VARCHAR NOT NULL,
	rate VARCHAR NOT NULL,
	rate_day VARCHAR NOT NULL,
	before_tax BOOLEAN NOT NULL,
	typed_at BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX invoice_by_period ON invoice (vendor, account, since, until);
CREATE TABLE meta (
	name VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	PRIMARY KEY (name)
)
 WITHOUT ROWID;
CREATE TABLE price (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	"match" VARCHAR NOT NULL,
	book VARCHAR NOT NULL,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX price_by_name ON price (name, "match", book);
CREATE TABLE quota (
	source VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	minutes INTEGER NOT NULL,
	at BIGINT NOT NULL,
	used FLOAT NOT NULL,
	resets_at BIGINT,
	"plan" VARCHAR,
	PRIMARY KEY (source, name, minutes, at)
)
 WITHOUT ROWID;
CREATE TABLE repricing (
	id INTEGER NOT NULL,
	at BIGINT NOT NULL,
	book VARCHAR NOT NULL,
	calls INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE sample (
	message BIGINT NOT NULL,
	model VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	tokens INTEGER NOT NULL,
	tools INTEGER NOT NULL,
	parameters INTEGER NOT NULL,
	output INTEGER NOT NULL,
	PRIMARY KEY (message)
)
 WITHOUT ROWID;
CREATE INDEX sample_by_model ON sample (model, at);
CREATE TABLE session (
	id INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	native VARCHAR NOT NULL,
	project VARCHAR,
	branch VARCHAR,
	version VARCHAR,
	entrypoint VARCHAR,
	main BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX session_by_native ON session (source, native);
CREATE TABLE visible (
	message BIGINT NOT NULL,
	tokens INTEGER NOT NULL,
	tools INTEGER NOT NULL,
	parameters INTEGER NOT NULL,
	thought BOOLEAN NOT NULL,
	reader INTEGER NOT NULL,
	PRIMARY KEY (message)
)
 WITHOUT ROWID;
CREATE TABLE call (
	id INTEGER NOT NULL,
	message BIGINT NOT NULL,
	"key" BIGINT NOT NULL,
	file_id INTEGER NOT NULL,
	session_id INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	generation INTEGER NOT NULL,
	standing INTEGER NOT NULL,
	copied BOOLEAN NOT NULL,
	subagent VARCHAR,
	at BIGINT NOT NULL,
	model VARCHAR,
	input INTEGER NOT NULL,
	cache_read INTEGER NOT NULL,
	cache_write_5m INTEGER NOT NULL,
	cache_write_1h INTEGER NOT NULL,
	output INTEGER NOT NULL,
	reasoning INTEGER NOT NULL,
	searches INTEGER NOT NULL,
	tool_searches INTEGER NOT NULL,
	speed VARCHAR,
	tier VARCHAR,
	geo VARCHAR,
	provider VARCHAR,
	effort VARCHAR,
	context INTEGER,
	window INTEGER,
	reported BIGINT,
	finished BOOLEAN NOT NULL,
	evidence VARCHAR NOT NULL,
	position BIGINT NOT NULL,
	records INTEGER NOT NULL,
	native VARCHAR,
	home VARCHAR,
	account VARCHAR,
	kept BOOLEAN NOT NULL,
	counted_at BIGINT NOT NULL,
	quarter INTEGER NOT NULL,
	folded INTEGER NOT NULL,
	requests INTEGER NOT NULL,
	cost BIGINT,
	cost_input BIGINT NOT NULL,
	cost_cache_read BIGINT NOT NULL,
	cost_cache_write_5m BIGINT NOT NULL,
	cost_cache_write_1h BIGINT NOT NULL,
	cost_output BIGINT NOT NULL,
	cost_reasoning BIGINT NOT NULL,
	cost_requests BIGINT NOT NULL,
	price_id INTEGER,
	cost_high BIGINT,
	repaired_output INTEGER DEFAULT 0 NOT NULL,
	repaired_cost BIGINT DEFAULT 0 NOT NULL,
	credits BIGINT,
	PRIMARY KEY (id),
	FOREIGN KEY(file_id) REFERENCES file (id),
	FOREIGN KEY(session_id) REFERENCES session (id),
	FOREIGN KEY(price_id) REFERENCES price (id)
);
CREATE UNIQUE INDEX call_by_key ON call (message, "key", file_id);
CREATE INDEX call_by_quarter ON call (quarter, counted_at, cost, reported, evidence, kept, session_id) WHERE kept = 1;
CREATE INDEX call_by_session ON call (session_id, counted_at, cost, reported, evidence, kept, subagent, context) WHERE kept = 1;
CREATE INDEX call_unfinished ON call (quarter, kept, finished, model, repaired_output, repaired_cost) WHERE finished = 0;
CREATE TABLE content (
	file_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	device VARCHAR NOT NULL,
	inode VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	head BLOB NOT NULL,
	generation INTEGER NOT NULL,
	reader INTEGER NOT NULL,
	memory BLOB NOT NULL,
	PRIMARY KEY (file_id),
	FOREIGN KEY(file_id) REFERENCES file (id)
);
CREATE TABLE occurrence (
	session_id INTEGER NOT NULL,
	at BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	subagent VARCHAR NOT NULL,
	"before" INTEGER,
	"after" INTEGER,
	cause VARCHAR,
	PRIMARY KEY (session_id, at, kind, subagent),
	FOREIGN KEY(session_id) REFERENCES session (id)
)
 WITHOUT ROWID;
CREATE TABLE repriced (
	repricing_id INTEGER NOT NULL,
	message BIGINT NOT NULL,
	"key" BIGINT NOT NULL,
	file_id INTEGER NOT NULL,
	cost BIGINT,
	cost_input BIGINT NOT NULL,
	cost_cache_read BIGINT NOT NULL,
	cost_cache_write_5m BIGINT NOT NULL,
	cost_cache_write_1h BIGINT NOT NULL,
	cost_output BIGINT NOT NULL,
	cost_reasoning BIGINT NOT NULL,
	cost_requests BIGINT NOT NULL,
	price_id INTEGER,
	cost_after BIGINT,
	price_after INTEGER,
	cost_high BIGINT,
	PRIMARY KEY (repricing_id, message, "key", file_id),
	FOREIGN KEY(repricing_id) REFERENCES repricing (id)
)
 WITHOUT ROWID
