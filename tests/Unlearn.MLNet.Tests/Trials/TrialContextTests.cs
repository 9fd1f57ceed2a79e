using Unlearn.MLNet.Trials;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

public sealed class TrialContextTests : IDisposable
{
    private readonly TrainingRows _rows = TinyStudy.Rows(12);
    private readonly TrainingRows _otherRows = TinyStudy.Rows(12, seed: 2);

    public void Dispose()
    {
        _rows.Dispose();
        _otherRows.Dispose();
    }

    private TrialContext Context(
        IUnlearner? unlearner = null, TorchRecipe? recipe = null, long targetSeed = 3, TrainingRows? rows = null, TrainingRows? testRows = null) =>
        TrialContext.Of(unlearner ?? new FineTuning(), recipe ?? TinyStudy.Recipe, targetSeed, rows ?? _rows, testRows);

    [Fact]
    public void Everything_that_decides_the_results_changes_hash_and_words()
    {
        TrialContext[] contexts =
        [
            Context(), Context(unlearner: new FineTuning { Epochs = 9 }), Context(recipe: TinyStudy.Recipe with { Epochs = 9 }),
            Context(targetSeed: 4), Context(rows: _otherRows),
            Context(testRows: _otherRows), Context(rows: _otherRows, testRows: _rows),
        ];
        Assert.Distinct(contexts.Select(context => context.Hash));
        Assert.Distinct(contexts.Select(context => string.Join('\n', context.Description)));
        Assert.Equal(Context().Hash, Context().Hash);
    }

    [Fact]
    public void The_words_name_the_seed_of_the_target() => Assert.Equal("4", Context(targetSeed: 4).Description["target's seed"]);
}
