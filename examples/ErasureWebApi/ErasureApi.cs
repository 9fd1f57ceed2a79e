using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Unlearn.Hosting;
using Unlearn.MLNet;

namespace Unlearn.Examples.ErasureWebApi;

/// <summary>Erasure requests over HTTP. There is no authentication: put it behind a gateway that has one.</summary>
internal static class ErasureApi
{
    private const int DaysUntilDue = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Makes the workspace if there is none, and the application.</summary>
    public static async Task<WebApplication> CreateAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var section = builder.Configuration.GetSection("Erasure");
        await PeopleData.CreateWorkspaceAsync(section["Folder"] ?? "");
        builder.Services.AddUnlearnErasure<PeopleData>(section);
        builder.Services.AddHealthChecks().AddCheck<ErasureHealthCheck>("unlearn");
        builder.Services.AddProblemDetails();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapPost("/erasures", SubmitAsync);
        app.MapGet("/erasures/{id}", StateAsync).WithName("state");
        app.MapGet("/erasures/{id}/certificate", CertificateAsync);
        app.MapHealthChecks("/health", new HealthCheckOptions
        {
            ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
            {
                status = $"{report.Status}", problems = report.Entries.Values.Select(entry => entry.Description).Where(text => text is not null),
            }),
        });
        return app;
    }

    private static async Task<IResult> SubmitAsync(ErasureBody body, ErasureService erasure, TimeProvider time, HttpContext context)
    {
        var now = time.GetUtcNow();
        if (body.Problems(now) is { Count: > 0 } problems)
            return Results.ValidationProblem(problems);
        if (await erasure.StateOfAsync(body.Id!, context.RequestAborted) is not null)
            return Results.Problem($"Request '{body.Id}' is there already: GET /erasures/{body.Id} tells its state.", statusCode: 409);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            var plan = await erasure.SubmitAsync(
                new() { Id = body.Id!, RowIds = body.RowIds!, ReceivedAt = now, DueAt = body.DueAt ?? now.AddDays(DaysUntilDue) }, patience.Token);
            return Results.AcceptedAtRoute("state", new { id = body.Id }, new
            {
                id = body.Id, plan.Method, plan.Reason, plan.RetrainAt, plan.Seconds, plan.AuditSeconds, plan.Warnings,
                rows = plan.Rows.Select(row => new
                {
                    row.RowId, row.Method, bound = double.IsFinite(row.ResidualMemoryBound) ? row.ResidualMemoryBound : (double?)null, row.Reason,
                }),
            });
        }
        catch (ArgumentException refused)
        {
            return Results.Problem(refused.Message, statusCode: 400);
        }
        catch (ObjectDisposedException)
        {
            return Busy(context, "The service is stopping.");
        }
        catch (InvalidOperationException refused)
        {
            return Results.Problem(refused.Message, statusCode: 422);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Busy(context, "The model is being retrained. The request was not accepted: send it again.");
        }
    }

    private static async Task<IResult> StateAsync(string id, ErasureService erasure, CancellationToken cancellationToken) =>
        await erasure.StateOfAsync(id, cancellationToken) is not { } status ? NotFound(id) : Results.Ok(new
        {
            id, state = $"{status.State}", status.ReceivedAt, status.DueAt, status.RetrainAt, status.CompletedAt,
            certificate = status.CertificatePath is null ? null : $"/erasures/{id}/certificate", failure = erasure.Failures.GetValueOrDefault(id),
        });

    private static async Task<IResult> CertificateAsync(string id, ErasureService erasure, HttpRequest request, CancellationToken cancellationToken) =>
        await erasure.StateOfAsync(id, cancellationToken) switch
        {
            null => NotFound(id),
            { CertificatePath: null } status => Results.Problem($"Request '{id}' is {status.State}: it has no certificate yet.", statusCode: 404),
            { CertificatePath: { } path } => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                ? Results.File(Path.GetFullPath(Path.ChangeExtension(path, ".html")), "text/html; charset=utf-8")
                : Results.File(Path.GetFullPath(path), "application/json"),
        };

    private static IResult NotFound(string id) => Results.Problem($"There is no request '{id}'.", statusCode: 404);

    private static IResult Busy(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = "60";
        return Results.Problem(detail, statusCode: 503);
    }
}
