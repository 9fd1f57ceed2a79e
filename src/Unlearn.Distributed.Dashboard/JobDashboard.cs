using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Unlearn.Distributed.Database;
using Unlearn.Distributed.Jobs;

namespace Unlearn.Distributed.Dashboard;

/// <summary>Hangfire's dashboard of the jobs in a database, for reading alone.</summary>
internal sealed class JobDashboard
{
    /// <summary>Name of the route's parameter that holds the path below the dashboard's own.</summary>
    public const string PathParameter = "path";

    private readonly PostgresAddress _address;
    private readonly AspNetCoreDashboardMiddleware _dashboard;

    /// <summary>Names the database; nothing is connected to yet.</summary>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public JobDashboard(string connectionString)
    {
        _address = new(connectionString);
        var options = new DashboardOptions
        {
            // The endpoint's own authorization decides who may see it. Hangfire would let in every local request.
            Authorization = [],
            IsReadOnlyFunc = _ => true,
            DisplayStorageConnectionString = false,
            AppPath = null,
            DashboardTitle = "Unlearn.MLNet jobs",
            DisplayNameFunc = (_, job) => NameOf(job),
        };
        _dashboard = new(_ => Task.CompletedTask, JobStore.OpenForReading(_address), options, DashboardRoutes.Routes, finalizeWhenNotFound: true);
    }

    /// <summary>Answers a request. A database that cannot be used is told by status 503, in words.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        MovePathBase(context.Request);
        try
        {
            await _dashboard.Invoke(context).ConfigureAwait(false);
        }
        catch (Exception failure) when (!context.Response.HasStarted && JobStore.CauseOf(failure) is { } cause)
        {
            var message = Explain(cause);
            DashboardMessages.CannotShow(context.RequestServices.GetRequiredService<ILogger<JobDashboard>>(), message);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(message, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private string Explain(Exception cause) => cause switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } =>
            $"The {_address} holds no jobs yet: the first worker or coordinator that uses it makes the schema '{JobStore.Schema}'.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"The user of the connection string may not read the jobs in the {_address}: grant USAGE of the schema '{JobStore.Schema}', and SELECT of its "
            + "tables.",
        _ => _address.Explain(cause),
    };

    // Hangfire finds its pages by the path, and makes links by the base. The route may be in a group, so the base is what stands before the parameter.
    private static void MovePathBase(HttpRequest request)
    {
        var page = request.RouteValues[PathParameter] is string { Length: > 0 } rest ? $"/{rest}" : "";
        var path = request.Path.Value!.TrimEnd('/');
        request.PathBase = request.PathBase.Add(path[..^page.TrimEnd('/').Length]);
        request.Path = page;
    }

    private static string NameOf(Job job) => job.Args switch
    {
        [string plan, string[] trials, ..] when job.Type == typeof(TrialJob) =>
            Invariant($"{trials.Length} {(trials.Length == 1 ? "trial" : "trials")} of plan {Short(plan)}"),
        [string list, string part, ..] when job.Type == typeof(PartJob) => $"Part {Short(part)} of run {Short(list)}",
        _ => job.ToString(),
    };

    private static string Short(string hash) => hash[..Math.Min(hash.Length, 8)];
}
