using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Unlearn.Distributed;
using Unlearn.Distributed.Dashboard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds a dashboard of the jobs that workers share.</summary>
public static class UnlearnDashboardEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps Hangfire's dashboard of the jobs in a database: workers, jobs that wait, run or have failed, and why. It changes nothing. The endpoint requires
    /// authorization; policies are added to what is returned. <c>AllowAnonymous()</c> would show it to everybody.
    /// </summary>
    /// <param name="endpoints">The application, or a group of its endpoints.</param>
    /// <param name="pattern">Path of the page, such as <c>/jobs</c>, without parameters.</param>
    /// <param name="connectionString">
    /// Npgsql's connection string of the database that <see cref="PostgresCluster"/> and <see cref="DistributedWorkerOptions"/> name. Its user needs no more
    /// than to read the schema <c>unlearn_jobs</c>. Nothing is connected to before the page is asked for.
    /// </param>
    /// <returns>The endpoint, for conventions.</returns>
    /// <exception cref="ArgumentException">The pattern has parameters, or the connection string cannot be read; the message does not show it.</exception>
    /// <exception cref="InvalidOperationException">The application has no authorization: call <c>builder.Services.AddAuthorization()</c>.</exception>
    public static IEndpointConventionBuilder MapUnlearnDashboard(this IEndpointRouteBuilder endpoints, string pattern, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (pattern.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException($"The pattern '{pattern}' has parameters: name one path, such as '/jobs'.", nameof(pattern));
        var dashboard = new JobDashboard(connectionString);
        if (endpoints.ServiceProvider.GetService<IAuthorizationPolicyProvider>() is null)
            throw new InvalidOperationException(
                "The dashboard is behind authorization, but the application has none: call builder.Services.AddAuthorization(), and add a way to sign in by "
                + "builder.Services.AddAuthentication().");
        return endpoints.Map($"{pattern.TrimEnd('/')}/{{**{JobDashboard.PathParameter}}}", dashboard.ServeAsync)
            .WithDisplayName($"Jobs of Unlearn.MLNet: {pattern}")
            .RequireAuthorization();
    }
}
