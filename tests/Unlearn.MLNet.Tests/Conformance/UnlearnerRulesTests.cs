using Unlearn.Conformance;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Conformance;

/// <summary>Every unlearner obeys every rule; and the rules can be broken.</summary>
public sealed class UnlearnerRulesTests(UnlearnerRulesTests.Cases cases) : IClassFixture<UnlearnerRulesTests.Cases>
{
    public static TheoryData<string> Names =>
        [.. OwnUnlearners.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_unlearner_obeys_every_rule(string name)
    {
        var failures = Failures(() => KnownUnlearners.Find(name));
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    [Fact]
    public void An_ensemble_obeys_every_rule_of_targets()
    {
        foreach (var check in TargetConformance.Checks(
            new() { CreateTarget = () => new EnsembleTarget([cases.Cnn.Target.Clone(), cases.Cnn.Target.Clone()]), Rows = cases.Cnn.Rows }))
            check.Run();
    }

    [Fact]
    public void An_unlearner_that_gives_the_target_itself_is_found_out() =>
        Assert.Contains(
            "The target stays as it is", Failures(() => new Broken("Lazy", request => request.Target), clone: true).Select(failure => failure.Rule));

    [Fact]
    public void An_unlearner_that_ignores_its_seed_and_its_token_is_found_out()
    {
        var draws = 0;
        var broken = Failures(() => new Broken("no/file", request => request.Recipe.Train(request.Rows, request.Retained.ToArray(), draws++)))
            .Select(failure => failure.Rule)
            .ToList();
        Assert.Contains("It says what it is", broken);
        Assert.Contains("The same request gives the same model, bit for bit", broken);
        Assert.Contains("It can be canceled", broken);
    }

    private List<(string Rule, string Found)> Failures(Func<IUnlearner> create, bool clone = false)
    {
        List<(string, string)> failures = [];
        var target = clone ? cases.Cnn.Target.Clone() : cases.Cnn.Target;
        foreach (var check in UnlearnerConformance.Checks(
            new() { CreateUnlearner = create, Target = target, Recipe = cases.Cnn.Recipe, Rows = cases.Cnn.Rows, Forget = [4, 7, 8] }))
        {
            try
            {
                check.Run();
            }
            catch (ConformanceException failure)
            {
                failures.Add((check.Rule, failure.Message));
            }
        }
        return failures;
    }

    public sealed class Cases : IDisposable
    {
        public UnlearningCase Cnn { get; } = UnlearningCase.Cnn();

        public void Dispose() => Cnn.Dispose();
    }

    private sealed class Broken(string name, Func<UnlearningRequest, ITarget> unlearn) : IUnlearner
    {
        public string Name => name;

        public string Specification => name;

        public bool IsExact => false;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) => new(unlearn(request));
    }
}
