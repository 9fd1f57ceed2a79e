using Microsoft.ML;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

/// <summary>A trained model with its rows and labels, made once for all tests of erasures.</summary>
public sealed class ErasureCase : IAsyncLifetime
{
    internal const int Count = 150;

    internal static readonly DateTimeOffset Due = DateTimeOffset.UnixEpoch.AddDays(10);

    internal IDataView Labels { get; private set; } = null!;

    internal ITarget Model { get; private set; } = null!;

    internal static MLContext Context() => new(seed: 1);

    internal static IDataView Rows => TinyStudy.View(Context(), Count);

    internal static ErasureOptions Options(ErasurePolicy? policy = null) =>
        new() { Recipe = TinyStudy.Recipe, Policy = policy ?? new(), TestData = TinyStudy.View(Context(), 60, seed: 2) };

    /// <summary>A policy under which every row is safe for fine-tuning, and no row for doing nothing.</summary>
    internal static ErasurePolicy FineTunes => new() { Tolerance = 1e6, Methods = ["FT", "EU"], Seconds = Costs, LargestAccuracyLoss = 1 };

    /// <summary>On so little data, fine-tuning may take longer than training.</summary>
    internal static Dictionary<string, double> Costs => new() { ["FT"] = 1, ["EU"] = 2 };

    internal static ErasurePolicy Retrains => new() { Methods = ["EU"] };

    internal static ErasureRequest Request(string id, params int[] rows) =>
        new() { Id = id, RowIds = [.. rows.Select(row => Invariant($"{row}"))], ReceivedAt = DateTimeOffset.UnixEpoch, DueAt = Due };

    public async ValueTask InitializeAsync()
    {
        Labels = (await new HardnessLabeler(TinyStudy.LabelingOptions).RunAsync(Rows)).ToDataView();
        using var rows = TrainingRows.FromDataView(Rows);
        Model = TinyStudy.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
    }

    public ValueTask DisposeAsync()
    {
        Model.Dispose();
        return ValueTask.CompletedTask;
    }
}
