%% tests/interop/erlang_peer.erl - TLS 1.3 by Erlang's ssl; peer.h has the command line.
%%
%% Erlang tells neither the group nor whether a session was resumed. Its server puts a cookie into
%% each HelloRetryRequest.
-module(erlang_peer).
-export([start/0]).

start() ->
    [Role, Port | Rest] = init:get_plain_arguments(),
    {ok, _} = application:ensure_all_started(ssl),
    Options = options(Rest, #{}),
    case Role of
        "serve" -> serve(list_to_integer(Port), Options#{role => server});
        "connect" -> connect(list_to_integer(Port), Options#{role => client})
    end,
    halt(0).

options([], Options) -> Options;
options([Flag | Rest], Options)
        when Flag == "--again"; Flag == "--update-keys"; Flag == "--tls12"; Flag == "--both" ->
    options(Rest, Options#{Flag => true});
options([Name, Value | Rest], Options) ->
    options(Rest, Options#{Name => Value}).

%% What both roles have in common, as ssl's options.
common(Options) ->
    Tickets = case Options of
        #{"--tls12" := true} -> [{versions, ['tlsv1.2']}];
        #{"--both" := true} -> [{versions, ['tlsv1.3', 'tlsv1.2']}];
        #{role := server} -> [{versions, ['tlsv1.3']}, {session_tickets, stateless}];
        #{role := client} -> [{versions, ['tlsv1.3']}, {session_tickets, auto}]
    end,
    Tickets ++ [{mode, binary}, {active, false}, {log_level, none},
     {reuseaddr, true}, {nodelay, true}]
        ++ [{certfile, File} || {"--cert", File} <- maps:to_list(Options)]
        ++ [{keyfile, File} || {"--key", File} <- maps:to_list(Options)]
        ++ [{cacertfile, File} || {"--ca", File} <- maps:to_list(Options)]
        ++ [{supported_groups, [list_to_atom(G) || G <- string:split(List, ",", all)]}
            || {"--groups", List} <- maps:to_list(Options)].

tell(Tls) ->
    {ok, [{_, Suite}]} = ssl:connection_information(Tls, [selected_cipher_suite]),
    io:format("connected ~s - -~n", [ssl:suite_to_str(Suite)]).

serve(Port, Options) ->
    Verify = case Options of
        #{"--ca" := _} -> [{verify, verify_peer}, {fail_if_no_peer_cert, true}];
        _ -> []
    end,
    {ok, Listener} = ssl:listen(Port, common(Options) ++ Verify ++ [{ip, {127, 0, 0, 1}}]),
    accept(Listener, Options).

accept(Listener, Options) ->
    {ok, Plain} = ssl:transport_accept(Listener),
    case ssl:handshake(Plain) of
        {ok, Tls} ->
            tell(Tls),
            echo(Tls, maps:is_key("--update-keys", Options)),
            ssl:close(Tls);
        {error, Reason} ->
            io:format("failed ~0p~n", [Reason])
    end,
    accept(Listener, Options).

echo(Tls, Update) ->
    case ssl:recv(Tls, 0) of
        {ok, Data} ->
            Update andalso (ok = ssl:update_keys(Tls, read_write)),
            ok = ssl:send(Tls, Data),
            echo(Tls, false);
        {error, _} -> ok
    end.

connect(Port, Options) ->
    Own = [{verify, verify_peer}, {server_name_indication, "localhost"}],
    Times = case Options of #{"--again" := true} -> 2; _ -> 1 end,
    [connect_once(Port, common(Options) ++ Own, Options) || _ <- lists:seq(1, Times)].

connect_once(Port, Settings, Options) ->
    case ssl:connect({127, 0, 0, 1}, Port, Settings) of
        {ok, Tls} ->
            tell(Tls),
            [ask_for_echo(Tls, N, Options) || N <- lists:seq(0, 6)],
            ssl:close(Tls);
        {error, Reason} ->
            io:format("failed ~0p~n", [Reason]),
            halt(1)
    end.

ask_for_echo(Tls, N, Options) ->
    Data = binary:copy(<<N>>, 16000),
    ok = ssl:send(Tls, Data),
    {ok, Data} = ssl:recv(Tls, 16000, 10000),
    N == 0 andalso maps:is_key("--update-keys", Options)
        andalso (ok = ssl:update_keys(Tls, read_write)).
