using System.Reflection;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>What every option of every unlearner must do.</summary>
public sealed class UnlearnerOptionTests
{
    private static readonly IEnumerable<PropertyInfo> All =
        typeof(IUnlearner).Assembly
            .GetExportedTypes()
            .Where(type => type.IsAssignableTo(typeof(IUnlearner)) && type.IsClass)
            .SelectMany(type => type.GetProperties())
            .Where(property => property.CanWrite);

    public static TheoryData<string, string> Options => [.. All.Select(option => (option.DeclaringType!.Name, option.Name))];

    [Theory]
    [MemberData(nameof(Options))]
    public void The_specification_names_the_option(string unlearner, string option)
    {
        var (instance, property) = Find(unlearner, option);
        var before = instance.Specification;
        property.SetValue(instance, property.GetValue(instance) switch
        {
            int.MaxValue => (object)7,
            int value => value + 1,
            double.PositiveInfinity => 2.5,
            double value => value * 0.5 + 0.125,
            var value => throw new InvalidOperationException($"{value}"),
        });
        Assert.NotEqual(before, instance.Specification);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void A_value_out_of_range_is_refused_at_once(string unlearner, string option)
    {
        var (instance, property) = Find(unlearner, option);
        foreach (var value in property.PropertyType == typeof(int) ? new object[] { -1, int.MinValue } : [-0.1, double.NaN, double.NegativeInfinity])
        {
            var failure =
                Assert.IsType<ArgumentOutOfRangeException>(Assert.Throws<TargetInvocationException>(() => property.SetValue(instance, value)).InnerException);
            Assert.Equal(option, failure.ParamName);
            Assert.StartsWith($"{option} must be ", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_error_names_the_range_and_the_value()
    {
        Assert.StartsWith("Epochs must be at least 1, got 0.", Assert.Throws<ArgumentOutOfRangeException>(() => new FineTuning { Epochs = 0 }).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("RetainWeight must be between 0 and 1, got 1.5.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new NegGradPlus { RetainWeight = 1.5 }).Message, StringComparison.Ordinal);
        Assert.StartsWith("RelativeLearningRate must be positive and finite, got 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new Scrub { RelativeLearningRate = 0 }).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Shards must be at least 1, got 0.", Assert.Throws<ArgumentOutOfRangeException>(() => new Sisa { Shards = 0 }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_specifications_are_unique()
    {
        var unlearners = All.Select(option => option.DeclaringType!)
            .Distinct()
            .Select(type => (IUnlearner)Activator.CreateInstance(type)!)
            .Append(new ExactRetraining())
            .ToList();
        Assert.Equal(unlearners.Count, unlearners.DistinctBy(unlearner => unlearner.Name).Count());
        Assert.Equal(unlearners.Count, unlearners.DistinctBy(unlearner => unlearner.Specification.Split(' ')[0]).Count());
    }

    private static (IUnlearner Instance, PropertyInfo Property) Find(string unlearner, string option)
    {
        var property = All.Single(property => property.DeclaringType!.Name == unlearner && property.Name == option);
        return ((IUnlearner)Activator.CreateInstance(property.DeclaringType!)!, property);
    }
}
