using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Catalog;

public sealed class KnownUnlearnersTests
{
    [Fact]
    public void All_that_come_along_are_known_by_their_short_names() =>
        Assert.Equal(
            [
                "EU", "FT", "SISA", "GA", "NegGrad+", "RL", "SalUn", "SCRUB", "BadT", "SSD", "L1-FT", "IR", "MSG", "CT", "LLR", "CF-k", "EU-k", "FF",
                "BS", "DELETE",
            ],
            KnownUnlearners.All.Select(unlearner => unlearner.Name).Take(20));

    [Fact]
    public void The_page_on_unlearners_lists_them_all_in_order()
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Documents", "unlearners.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal(
            KnownUnlearners.All.Take(20).Select(unlearner => $"| `{unlearner.Name}` | `{unlearner.GetType().Name}` | {(unlearner.IsExact ? "exact: " : "")}"),
            lines.Zip(KnownUnlearners.All, (line, unlearner) => string.Join(" | ", line.Split(" | ").Take(2))
                + " | "
                + (line.Contains("| exact: ", StringComparison.Ordinal) ? "exact: " : "")));
    }

    [Fact]
    public void A_name_is_found_in_any_case() => Assert.IsType<Scrub>(KnownUnlearners.Find("scrub"));

    [Fact]
    public void An_unknown_name_is_an_error_that_lists_the_known_ones()
    {
        var message = Assert.Throws<ArgumentException>(() => KnownUnlearners.Find("erase")).Message;
        Assert.Contains("'erase'", message, StringComparison.Ordinal);
        Assert.Contains("EU, FT, SISA, GA", message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_ones_own_is_registered_under_a_new_name()
    {
        var noise = new Noise("Noise");
        KnownUnlearners.Register(noise);
        KnownUnlearners.Register(noise);
        Assert.Same(noise, KnownUnlearners.Find("Noise"));
        Assert.Contains(noise, KnownUnlearners.All);
        Assert.Contains("'ga'", Assert.Throws<ArgumentException>(() => KnownUnlearners.Register(new Noise("ga"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_ones_own_needs_nothing_but_the_public_interface()
    {
        using var mlp = UnlearningCase.Mlp();
        var before = UnlearningCase.State(mlp.Target);
        using var unlearned = new Noise("Noise").Unlearn(mlp.Request(3), CancellationToken.None);
        Assert.Equal(before, UnlearningCase.State(mlp.Target));
        Assert.All(before.Zip(UnlearningCase.State(unlearned.Model)), pair => Assert.Equal(pair.First + 0.5f, pair.Second));
    }

    private sealed class Noise(string name) : IUnlearner
    {
        public string Name => name;

        public string Specification => "noise/1";

        public bool IsExact => false;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
        {
            var target = (TorchTarget)request.Target;
            using var module = target.CopyModule();
            using (torch.no_grad())
            {
                foreach (var parameter in module.parameters())
                    parameter.add_(0.5f);
            }
            return new(TorchTarget.FromModule(target.Architecture, module, TorchDevice.Cpu));
        }
    }
}
