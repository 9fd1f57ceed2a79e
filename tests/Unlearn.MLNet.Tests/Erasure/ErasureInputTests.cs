using Microsoft.ML;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class ErasureInputTests(ErasureCase shared) : IClassFixture<ErasureCase>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Requests_that_cannot_be_served_are_refused_with_the_reason()
    {
        using var workspace = Create();
        Refused<ArgumentException>("'151', '152', which the model was never trained on", ErasureCase.Request("R", 1, 151, 152));
        Refused<ArgumentException>("names no rows", ErasureCase.Request("R"));
        Refused<ArgumentException>("names row '1' 2 times", ErasureCase.Request("R", 1, 1));
        Refused<ArgumentException>("is due at", ErasureCase.Request("R", 1) with { DueAt = DateTimeOffset.UnixEpoch.AddDays(-1) });
        Refused<InvalidOperationException>("leaves 1 rows of 1 class", ErasureCase.Request("R", [.. Enumerable.Range(1, ErasureCase.Count - 1)]));
        Refused<InvalidOperationException>(
            "leaves 50 rows of 1 class", ErasureCase.Request("R", [.. Enumerable.Range(0, ErasureCase.Count).Where(row => row % 3 != 0)]));

        var wholeClass = workspace.Plan(ErasureRequest.Where("R", ErasureCase.Rows, "RowId", "7", DateTimeOffset.UnixEpoch, ErasureCase.Due));
        Assert.Equal("7", Assert.Single(wholeClass.Rows).RowId);

        void Refused<T>(string message, ErasureRequest request) where T : Exception =>
            Assert.Contains(message, Assert.Throws<T>(() => workspace.Plan(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_class_is_retrained_and_the_plan_says_that_the_model_keeps_the_class()
    {
        using var workspace = Create();
        var plan = workspace.Plan(ErasureCase.Request("R", [.. Enumerable.Range(0, ErasureCase.Count).Where(row => row % 3 == 0)]));
        Assert.Equal("EU", plan.Method);
        Assert.Contains(plan.Warnings, warning => warning.Contains("without a row", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_model_than_the_labeled_one_is_refused()
    {
        using var rows = TrainingRows.FromDataView(ErasureCase.Rows);
        using var other = TinyStudy.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 2);
        Assert.StartsWith("The labels are of another model", Assert.Throws<InvalidOperationException>(
            () => ErasureWorkspace.Create(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, other, shared.Labels, ErasureCase.Options())).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Other_rows_and_recipes_than_those_of_the_model_are_refused()
    {
        Create().Dispose();
        Assert.Contains("rows are missing that were never erased", Message(TinyStudy.View(ErasureCase.Context(), 140)), StringComparison.Ordinal);
        Assert.Contains("changed since", Message(TinyStudy.View(ErasureCase.Context(), ErasureCase.Count, seed: 2)), StringComparison.Ordinal);
        Assert.Contains("'150', '151' are not among", Message(TinyStudy.View(ErasureCase.Context(), 152)), StringComparison.Ordinal);
        Assert.Contains("give the same recipe", Assert.Throws<ArgumentException>(() => ErasureWorkspace.Open(
            ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, ErasureCase.Options() with { Recipe = TinyStudy.Recipe with { Epochs = 5 } })).Message,
                StringComparison.Ordinal);
        Assert.Contains("is no workspace", Assert.Throws<ArgumentException>(
            () => ErasureWorkspace.Open(ErasureCase.Context(), _folder.Path, ErasureCase.Rows, ErasureCase.Options())).Message, StringComparison.Ordinal);

        string Message(IDataView rows) =>
            Assert.Throws<InvalidOperationException>(
                () => ErasureWorkspace.Open(ErasureCase.Context(), _folder.File("w"), rows, ErasureCase.Options())).Message;
    }

    [Fact]
    public void A_workspace_that_is_open_cannot_be_opened_again_nor_made_anew()
    {
        using var workspace = Create();
        Assert.Contains("Another process has", Assert.Throws<InvalidOperationException>(
            () => ErasureWorkspace.Open(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, ErasureCase.Options())).Message, StringComparison.Ordinal);
        Assert.Contains("open the workspace in it", Assert.Throws<ArgumentException>(() => Create()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_for_an_older_model_and_an_id_that_is_taken_are_refused()
    {
        using var workspace = Create(ErasureCase.FineTunes);
        var (first, second) = (workspace.Plan(ErasureCase.Request("A", 1)), workspace.Plan(ErasureCase.Request("B", 2)));
        await workspace.ExecuteAsync(first, null, TestContext.Current.CancellationToken);
        Assert.Contains(
            "plan it again", (await Assert.ThrowsAsync<InvalidOperationException>(() => workspace.ExecuteAsync(second))).Message, StringComparison.Ordinal);
        Assert.Contains("completed", Assert.Throws<ArgumentException>(() => workspace.Plan(ErasureCase.Request("A", 5))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_are_those_of_the_policy_that_a_workspace_is_opened_with()
    {
        double Bound(double confidence, bool isNew)
        {
            var policy = ErasureCase.FineTunes with { Confidence = confidence };
            using var workspace = isNew
                ? Create(policy)
                : ErasureWorkspace.Open(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, ErasureCase.Options(policy));
            return Assert.Single(workspace.Plan(ErasureCase.Request("R", 7)).Rows).ResidualMemoryBound;
        }
        var usual = Bound(0.9, isNew: true);
        Assert.True(Bound(0.5, isNew: false) < usual);
        Assert.Equal(usual, Bound(0.9, isNew: false));
    }

    [Theory]
    [InlineData("Tolerance")]
    [InlineData("Confidence")]
    [InlineData("LargestShare")]
    [InlineData("LargestAccuracyLoss")]
    [InlineData("LeadTime")]
    [InlineData("AuditModels")]
    public void Policies_out_of_range_are_refused_by_name(string name)
    {
        ErasurePolicy policy = name switch
        {
            "Tolerance" => new() { Tolerance = double.NaN },
            "Confidence" => new() { Confidence = 1 },
            "LargestShare" => new() { LargestShare = 0 },
            "LargestAccuracyLoss" => new() { LargestAccuracyLoss = -1 },
            "LeadTime" => new() { LeadTime = TimeSpan.FromDays(-1) },
            _ => new() { AuditModels = 2 },
        };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Create(policy)).ParamName);
        Assert.False(Directory.Exists(_folder.File("w")));
    }

    private ErasureWorkspace Create(ErasurePolicy? policy = null) =>
        ErasureWorkspace.Create(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, shared.Model, shared.Labels, ErasureCase.Options(policy));
}
