"""What is drawn and watched of WildFly."""

from __future__ import annotations

from specs.words import Alert, Spec, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "WildFly",
    needs="the pack wildfly",
    rows=(
        row(
            "Overview",
            panel(
                "Requests", "reqps", total(rate("wildfly_undertow_request_count_total"))
            ),
            panel(
                "Errors",
                "reqps",
                total(rate("wildfly_undertow_error_count_total")),
                warn=0.1,
                bad=1,
            ),
            panel(
                "Transactions under way",
                "short",
                total(now("wildfly_transactions_number_of_inflight_transactions")),
            ),
        ),
        row(
            "Details",
            panel(
                "Requests",
                "reqps",
                query(
                    total(rate("wildfly_undertow_request_count_total"), by="listener"),
                    "{{listener}}",
                ),
            ),
            panel(
                "Traffic",
                "Bps",
                query(total(rate("wildfly_undertow_bytes_sent_total_bytes")), "sent"),
                query(
                    total(rate("wildfly_undertow_bytes_received_total_bytes")),
                    "received",
                ),
            ),
            panel(
                "Data sources",
                "short",
                query(
                    total(
                        now("wildfly_datasources_pool_in_use_count"), by="data_source"
                    ),
                    "in use {{data_source}}",
                ),
                query(
                    total(
                        now("wildfly_datasources_pool_available_count"),
                        by="data_source",
                    ),
                    "available {{data_source}}",
                ),
            ),
            panel(
                "Transactions",
                "cps",
                query(
                    total(
                        rate(
                            "wildfly_transactions_number_of_committed_transactions_total"
                        )
                    ),
                    "committed",
                ),
                query(
                    total(
                        rate(
                            "wildfly_transactions_number_of_aborted_transactions_total"
                        )
                    ),
                    "rolled back",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "WildFlyDataSourceExhausted",
            "wildfly_datasources_pool_available_count == 0",
            minutes=5,
            severity="warning",
            summary="{{ $labels.data_source }} of {{ $labels.instance }} has no connection left.",
            told="d of i has no connection left.",
            given=(
                seen(
                    "wildfly_datasources_pool_available_count", "0x10", data_source="d"
                ),
            ),
            labels={"data_source": "d"},
        ),
    ),
)
