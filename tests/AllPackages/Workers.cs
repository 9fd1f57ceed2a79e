using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Unlearn.Distributed;

namespace AllPackages;

/// <summary>Unlearn.Distributed: a worker whose database is not there says so. Unlearn.Distributed.Dashboard: an application with the endpoint.</summary>
internal static class Workers
{
    public static void Show()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.MapUnlearnDashboard("/jobs", "Host=127.0.0.1;Port=1;Database=people;Username=unlearn");
        Console.WriteLine("dashboard: mapped");
    }

    public static async Task RefuseAsync(string folder)
    {
        try
        {
            await DistributedWorker.RunAsync(new()
            {
                ConnectionString = "Host=127.0.0.1;Port=1;Database=people;Username=unlearn;Timeout=2", Blobs = new BlobFolder(folder),
            });
            throw new InvalidOperationException("A worker found a database where there is none.");
        }
        catch (DistributedTrialsException refused)
        {
            Console.WriteLine($"distributed: {refused.Message}");
        }
    }
}
