using System.CommandLine;
using Microsoft.ML;
using Unlearn.Transforms.Targets;

namespace Unlearn.Examples.AdultIncome;

/// <summary>A multilayer perceptron or a logistic regression on the Adult data set.</summary>
internal sealed class AdultStudy : StudyExample
{
    private const string Mlp = "mlp";
    private const string Logistic = "logistic";
    private static readonly string[] Categories = [nameof(Person.WorkClass), nameof(Person.Education), nameof(Person.MaritalStatus), nameof(Person.Occupation), nameof(Person.Relationship), nameof(Person.Ethnicity), nameof(Person.Sex), nameof(Person.NativeCountry)];
    private static readonly string[] Numbers = [nameof(Person.Age), nameof(Person.Weight), nameof(Person.EducationYears), nameof(Person.CapitalGain), nameof(Person.CapitalLoss), nameof(Person.HoursPerWeek)];
    private static readonly string[] Names = ["up to 50K", "above 50K"];

    private readonly Option<string> _model = new("--model") { Description = $"{Mlp}, a multilayer perceptron, or {Logistic} regression.", DefaultValueFactory = _ => Mlp };

    public AdultStudy()
    {
        _model.AcceptOnlyFromAmong(Mlp, Logistic);
        Options = [_model];
    }

    public override string Description => "Predicts how hard people of the Adult data set are to unlearn from a model of their income, and checks it by really unlearning them.";

    public override string DataDescription => $"The Adult data set: {AdultFile.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "tabular", "adult.csv.gz");

    public override BySize<int> Rows { get; } = new(1000, 3000, 20000);

    public override BySize<int> TestRows { get; } = new(500, 2000, 10000);

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) => $"adult-{parsed.GetValue(_model)}";

    public override StudyData Load(StudySettings settings)
    {
        var people = AdultFile.Read(settings.Data, settings.Rows + settings.TestRows);
        var mlContext = new MLContext(settings.Seed);
        var (train, test) = (mlContext.Data.LoadFromEnumerable(people.Take(settings.Rows)), mlContext.Data.LoadFromEnumerable(people.Skip(settings.Rows)));
        var features = mlContext.Transforms.Categorical.OneHotEncoding([.. Categories.Select(name => new InputOutputColumnPair(name))])
            .Append(mlContext.Transforms.NormalizeMeanVariance([.. Numbers.Select(name => new InputOutputColumnPair(name))], fixZero: false))
            .Append(mlContext.Transforms.Concatenate("Features", [.. Categories, .. Numbers]))
            .Fit(train);
        return new($"Adult, {settings.Parsed.GetValue(_model)}, {settings.Rows} rows", TrainingRows.FromDataView(features.Transform(train)), TrainingRows.FromDataView(features.Transform(test)), Names);
    }

    public override TorchRecipe Recipe(StudySettings settings, StudyData data) => settings.Parsed.GetValue(_model) == Logistic
        ? new(TorchArchitecture.Mlp(data.Rows.FeatureCount, Names.Length)) { Epochs = 20, Device = TorchDevice.Cpu }
        : new(TorchArchitecture.Mlp(data.Rows.FeatureCount, Names.Length, 128, 64)) { Epochs = 30, WeightDecay = 0, Device = TorchDevice.Cpu };
}
