using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>The retrain pool may be made by an unlearner of one's own.</summary>
public sealed class OwnRetrainingTests
{
    [Fact]
    public async Task A_retraining_of_ones_own_makes_the_retrain_pool()
    {
        using TemporaryFolder own = new(), builtIn = new();
        var study = await RunAsync(own.Path, new Retraining(makesRetrainPool: true));
        var like = await RunAsync(builtIn.Path, new ExactRetraining());
        Assert.Equal(like.Unlearners.Select(unlearner => unlearner.Scores), study.Unlearners.Select(unlearner => unlearner.Scores));
        Assert.All(study.Unlearners, unlearner => Assert.Contains(unlearner.Outcomes, column => column.Outcome == Outcome.MembershipResistance));
    }

    [Fact]
    public async Task An_exact_unlearner_that_makes_no_retrain_pool_does_not_do_for_an_approximate_one()
    {
        using TemporaryFolder folder = new();
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(folder.Path, new Retraining(makesRetrainPool: false)));
        Assert.Contains("FT is scored by its residual memory against retrained models: add ExactRetraining", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<StudyResult> RunAsync(string folder, IUnlearner retraining)
    {
        using var rows = TinyStudy.Rows(240);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        return await new HardnessStudy(TinyStudy.Options(folder, workers: 2) with { Unlearners =
        [
            new() { Unlearner = new FineTuning(), Trials = 20, ForgetShare = 0.3 },
            new() { Unlearner = retraining, Trials = 12, ForgetShare = 0.3 },
        ] }).RunAsync(rows, testRows);
    }

    // Of the built-in one's name, since the seeds of trials derive from it.
    private sealed class Retraining(bool makesRetrainPool) : IUnlearner
    {
        public string Name => "EU";

        public string Specification => "retraining-of-ones-own/1";

        public bool IsExact => true;

        public bool MakesRetrainPool => makesRetrainPool;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) =>
            new(request.Recipe.Train(request.Rows, request.Retained.ToArray(), request.Seed, cancellationToken: cancellationToken));
    }
}
