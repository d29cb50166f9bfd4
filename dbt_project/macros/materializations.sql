{# A build writes a file of its own, which nobody reads before it is whole: tables and views are made under their
   names at once. dbt's own way makes each under another name and swaps it for the one in use, in four more
   statements and twice the time of the small ones. #}

{% materialization table, adapter="duckdb" %}
    {{ return(made_in_place("table")) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {{ return(made_in_place("view")) }}
{% endmaterialization %}

{% macro made_in_place(kind) %}
    {%- set relation = this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        drop {{ kind }} if exists {{ relation }};
        {{ get_create_table_as_sql(False, relation, sql) if kind == "table" else get_create_view_as_sql(relation, sql) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({"relations": [relation]}) }}
{% endmacro %}
