"""The widgets of the design, written once. No widget reads the database or asks a clock: values in, signals out.

Look: `appearance()` (app.ui.appearance) is the one for the application; `appearance().theme` has colors, fonts,
lengths; `.choose("system" | "light" | "dark")`, `.set_text_scale(1.0…2.0)`, `.changed`. Keep a `FocusRing(app)`.
An *ink* names a color and outlives a switch of theme: `text2`, `kind:output`, `agent:<id>`, `model:<agent id>:middle`,
`series:0`, `outcome:landed`. Texts come ready from `app.formats`; money is whole nano-dollars, time ms since 1970.

Words and figures
    label.Label(text, role, ink, weight=, wrap=, elide=)     set_text, set_ink
    heading.Heading(title, remark)                           set_title(title, remark)
    two_part.TwoPart(bold, gray)                             set_parts(bold, gray, chips)
    figure.Figure(FigureValue(label, value, line, certainty, reason, exact))   set_figure; origin_asked
    flow_row.FlowRow([widgets], gap)                         set_widgets: hairlines between, wraps
    certainty.Certainty(level, word, reason)                 set_level
    mark.Mark(agent)                                         set_agent (a source's id)
    chip.Chip(text, tone)                                    set_chip; tones plain good warn bad
    read_out.ReadOut()                                       set_read_out(ReadOutValue(title, total, items, remark, note))
Bars and charts
    gauge_bar.GaugeBar(width, height)       set_context(session, context, window, compacts_at), set_gauge(Gauge, name, said)
    split_bar.SplitBar(height, focusable)   set_parts(name, [Part(value, ink, words, hatched)], whole); pointed(int)
    sparkline.Sparkline(width, height)      set_values(values, top, name, description)
    cache_ring.CacheRing()                  set_left(ms left, ms lifetime)
    day_curve.DayCurve(height)              set_today(app.report.usual.Today)
    stacked_days.StackedDays(height)        set_bars(Bars, [Series(title, ink)], Reference(value, words), name),
                                            read_out(place), set_chosen; chosen(int), opened(int)
    timeline.Timeline()                     set_course(course.Course), set_by("call" | "time"), read_out(first, last),
                                            set_chosen, zoom, show_all; chosen(first, last), opened(first, last)
Grounds and states
    surface.Card(title, remark, padded)     .header, .body layouts; set_title.    surface.Hairline(vertical)
    notice.Notice(tone, title, text, [(key, title)])   set_notice(NoticeValue); action(key); tones info warn bad
    empty_state.EmptyState(sentence, plain, button)    set_words; action
    loading_rows.LoadingRows(rows)          begin, end, set_progress(words, done, of)
    property_row.PropertyRow(label, value)  set_value.    property_row.SettingRow(title, line, control)
Controls
    buttons.Button(title, weight, key)      weights plain primary flat link danger
    segmented.Segmented(name, [(key, title)], chosen)  set_chosen, choice; chosen(key)
    choices.CheckBox(title), choices.Choice(name)      a QCheckBox and a QComboBox
Tables
    table.Table(name, [Column(title, width, right, key)], dense, head, edge)  setModel, fit_rows, choose, head.set_sorted,
                                            offer(of a row); opened(row), chosen(row), sort_asked(key)
    table.Rows([Column], rows of cells)     a model in memory: set_rows; ticked(row, on)
    cells: Words Number AgentMark Dot Spark GrayBar InkBar Swatch State ChipCell Tick Group two_part.Parts, under CELL
"""
