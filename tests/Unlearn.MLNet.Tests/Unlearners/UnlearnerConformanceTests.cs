using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>What every unlearner of the library does beyond the rules that all obey: see <see cref="Conformance.UnlearnerRulesTests"/>.</summary>
public sealed class UnlearnerConformanceTests(UnlearnerConformanceTests.Cases cases) : IClassFixture<UnlearnerConformanceTests.Cases>
{
    private static readonly IUnlearner[] ThatComeAlong =
    [
        .. OwnUnlearners.All,
    ];

    public static TheoryData<string> Names => [.. ThatComeAlong.Select(unlearner => unlearner.Name)];

    public static TheoryData<string> TrainingNames => [.. ThatComeAlong.Where(unlearner =>
        unlearner is not (SelectiveSynapticDampening or InfluenceRemoval or LastLayerRemoval or FisherForgetting)).Select(unlearner => unlearner.Name)];

    public static TheoryData<string> ApproximateNames => [.. ThatComeAlong.Where(unlearner => !unlearner.IsExact).Select(unlearner => unlearner.Name)];

    private UnlearningCase Cnn => cases.Cnn;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_request_gives_the_same_model_and_leaves_the_target_as_it_is(string name)
    {
        var target = UnlearningCase.State(Cnn.Target);
        using var first = KnownUnlearners.Find(name).Unlearn(Cnn.Request(4, 7, 8), CancellationToken.None);
        using var second = KnownUnlearners.Find(name).Unlearn(Cnn.Request(8, 4, 7), CancellationToken.None);
        Assert.Equal(UnlearningCase.State(first.Model), UnlearningCase.State(second.Model));
        Assert.NotEqual(target, UnlearningCase.State(first.Model));
        Assert.Equal(target, UnlearningCase.State(Cnn.Target));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Several_threads_of_trials_do_not_disturb_each_other(string name)
    {
        var unlearner = KnownUnlearners.Find(name);
        Assert.Equal(Unlearn(workers: 1), Unlearn(workers: 3));

        float[][] Unlearn(int workers)
        {
            var states = new float[3][];
            TorchThreads.RunAll("unlearning", states.Length, workers, row =>
            {
                using var unlearned = unlearner.Unlearn(Cnn.Request(row), CancellationToken.None);
                states[row] = UnlearningCase.State(unlearned.Model);
            });
            return states;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_model_is_ready_for_use(string name)
    {
        using var unlearned = KnownUnlearners.Find(name).Unlearn(Cnn.Request(4, 7), CancellationToken.None);
        using var scope = torch.NewDisposeScope();
        Assert.True(unlearned.Model.Logits(Cnn.Rows.Features).isfinite().all().item<bool>());
        if (unlearned.Model is TorchTarget { Module: var module })
        {
            Assert.False(module.training);
            Assert.All(module.parameters(), parameter => Assert.False(parameter.requires_grad));
        }
    }

    [Theory]
    [MemberData(nameof(ApproximateNames))]
    public void Watching_shows_every_step_and_changes_nothing(string name)
    {
        List<int> steps = [];
        IReadOnlyList<double> last = [];
        var data = name is "SSD" or "IR" or "FF" ? Cnn : cases.Normalized;
        using var unwatched = KnownUnlearners.Find(name).Unlearn(data.Request(4, 7), CancellationToken.None);
        using var watched =
            KnownUnlearners.Find(name).Unlearn(new(data.Target, data.Recipe, data.Rows, [4, 7], seed: 11) { AfterStep = Watch }, CancellationToken.None);
        Assert.Equal(UnlearningCase.State(unwatched.Model), UnlearningCase.State(watched.Model));
        Assert.Equal(Enumerable.Range(1, steps.Count), steps);
        Assert.NotEmpty(steps);
        var after = data.Confidences(watched.Model);
        Assert.Equal([after[4], after[7]], last.Select(value => (float)value), (first, second) => Math.Abs(first - second) < 1e-5);

        void Watch(int step, Func<IReadOnlyList<double>> confidences)
        {
            last = confidences();
            steps.Add(step);
        }
    }

    [Theory]
    [MemberData(nameof(TrainingNames))]
    public void A_training_that_diverges_says_so(string name)
    {
        var request = new UnlearningRequest(Cnn.Target, Cnn.Recipe with { LearningRate = 1e30 }, Cnn.Rows, [4, 7], seed: 11);
        var failure = Assert.Throws<TrainingDivergedException>(() => KnownUnlearners.Find(name).Unlearn(request, CancellationToken.None));
        Assert.Contains("diverged", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ApproximateNames))]
    public void A_target_that_is_not_finite_is_noticed(string name)
    {
        using var broken = Cnn.Target.Clone();
        using (torch.no_grad())
            broken.Module.parameters().First().fill_(float.NaN);
        var request = new UnlearningRequest(broken, Cnn.Recipe, Cnn.Rows, [4, 7], seed: 11);
        Assert.Contains(name, Assert.Throws<TrainingDivergedException>(() => KnownUnlearners.Find(name).Unlearn(request, CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ApproximateNames))]
    public void A_target_without_parameters_is_refused(string name)
    {
        using var ensemble = new EnsembleTarget([Cnn.Target.Clone()]);
        var request = new UnlearningRequest(ensemble, Cnn.Recipe, Cnn.Rows, [4], seed: 11);
        var message = Assert.Throws<ArgumentException>(() => KnownUnlearners.Find(name).Unlearn(request, CancellationToken.None)).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains("use EU or SISA", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_hundred_unlearnings_leave_no_tensor_behind()
    {
        using var mlp = UnlearningCase.Mlp();
        var unlearner = new NegGradPlus { MaximumSteps = 3 };
        unlearner.Unlearn(mlp.Request(0), CancellationToken.None).Dispose();
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var repetition = 0; repetition < 200; repetition++)
            unlearner.Unlearn(mlp.Request(repetition % 90), CancellationToken.None).Dispose();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(TrainingNames))]
    public void A_single_row_is_unlearned_from_a_network_with_normalization_and_dropout(string name)
    {
        using var first = KnownUnlearners.Find(name).Unlearn(cases.Normalized.Request(5), CancellationToken.None);
        using var second = KnownUnlearners.Find(name).Unlearn(cases.Normalized.Request(5), CancellationToken.None);
        Assert.Equal(UnlearningCase.State(first.Model), UnlearningCase.State(second.Model));
    }

    public sealed class Cases : IDisposable
    {
        public UnlearningCase Cnn { get; } = UnlearningCase.Cnn();

        public UnlearningCase Normalized { get; } = UnlearningCase.Normalized();

        public void Dispose()
        {
            Cnn.Dispose();
            Normalized.Dispose();
        }
    }
}
