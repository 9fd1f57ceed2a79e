using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

/// <summary>Erasures from a model that takes texts, some of them longer than texts are by default.</summary>
public sealed class TextErasureTests : IDisposable
{
    private const int Count = 60;
    private const int Longest = TextFeatures.DefaultLength + 100;

    private static readonly EstimatorRecipe Recipe = new("words, 1", context => context.Transforms.Text
        .ProduceHashedWordBags("Words", "Features", numberOfBits: 8, ngramLength: 1)
        .Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Words")));

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = ErasureCase.Context();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_row_of_a_long_text_is_erased()
    {
        using var workspace = await CreateAsync(Longest);
        var request = new ErasureRequest { Id = "R", RowIds = ["3"], ReceivedAt = DateTimeOffset.UnixEpoch, DueAt = ErasureCase.Due };
        var result = await workspace.ExecuteAsync(workspace.Plan(request), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ErasureState.Completed, workspace.StateOf("R"));
        Assert.Equal("EU", result.Method);
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_named_with_the_option()
    {
        var message = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await CreateAsync(TextFeatures.DefaultLength))).Message;
        Assert.Contains($"'Text' has {Longest} characters in row 3 (RowId '3')", message, StringComparison.Ordinal);
        Assert.Contains(nameof(ErasureOptions.MaximumTextLength), message, StringComparison.Ordinal);
        Assert.Equal("MaximumTextLength", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await CreateAsync(0))).ParamName);
    }

    private async Task<ErasureWorkspace> CreateAsync(int mostOfErasures)
    {
        var view = View();
        using var rows = TrainingRows.FromDataView(view, "Text", maximumTextLength: Longest);
        using var model = Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        var labels = await new HardnessLabeler(new()
        {
            Recipe = Recipe, Unlearners = [new ExactRetraining(), new Keeping()], FeatureColumnName = "Text", MaximumTextLength = Longest, TargetSeed = 1,
            CeilingGoal = 0.51, MaximumTrials = 20, FirstCoverage = 1, SingleRowTime = TimeSpan.Zero, Calibration = null, Workers = 1,
        }).RunAsync(view);
        return ErasureWorkspace.Create(_context, _folder.File("w"), view, model, labels.ToDataView(), new()
        {
            Recipe = Recipe, Policy = new() { Methods = ["EU"], WaitsForRetraining = false, AuditModels = 4 }, FeatureColumnName = "Text",
            MaximumTextLength = mostOfErasures, Unlearners = [new Keeping()],
        });
    }

    private IDataView View() => _context.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(row => new Row
    {
        RowId = row,
        Text = $"{(row % 2 == 0 ? "good fine" : "bad poor")} {(row % 7 == 0 ? "odd" : "even")} number {row}".PadRight(row == 3 ? Longest : 1, '.'),
        Label = row % 2 == 0,
    }).ToList());

    /// <summary>An approximate unlearner that any model has: it does nothing.</summary>
    private sealed class Keeping : IUnlearner
    {
        public string Name => "Keep";

        public string Specification => "keep/1";

        public bool IsExact => false;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) => new(request.Target.Clone());
    }

    private sealed class Row
    {
        public int RowId { get; set; }

        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
