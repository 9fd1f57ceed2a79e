using Microsoft.ML;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;

namespace Unlearn.TestPrograms;

/// <summary>Serves the same requests in a workspace, from wherever an earlier process was killed.</summary>
internal static class Erasing
{
    public const int Rows = 150;
    public const int Requests = 6;

    private static readonly ErasurePolicy FineTunes = new()
    {
        Tolerance = 1e6, Methods = ["FT", "EU"], LargestAccuracyLoss = 1, Seconds = new Dictionary<string, double> { ["FT"] = 1, ["EU"] = 2 },
    };

    private static readonly ErasurePolicy Retrains = new() { Methods = ["EU"] };

    public static async Task RunAsync(string folder)
    {
        var context = new MLContext(seed: 1);
        var rows = TinyStudy.View(context, Rows);
        var due = DateTimeOffset.UtcNow.AddDays(30);
        for (var i = 0; i < Requests; i++)
        {
            using var workspace = ErasureWorkspace.Open(
                context, folder, rows, new() { Recipe = TinyStudy.Recipe, Policy = i % 2 == 0 ? FineTunes : Retrains });
            await workspace.ResumeAsync();
            var id = $"R-{i}";
            if (workspace.StateOf(id) is null)
                await workspace.ExecuteAsync(
                    workspace.Plan(new() { Id = id, RowIds = [$"{3 * i}", $"{3 * i + 1}"], ReceivedAt = due.AddDays(-30), DueAt = due }));
        }
        using var last = ErasureWorkspace.Open(context, folder, rows, new() { Recipe = TinyStudy.Recipe, Policy = Retrains });
        await last.RetrainAsync();
        last.Purge();
    }
}
