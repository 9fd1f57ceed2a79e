using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class ErasureOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ErasureOptionsTests() => File.WriteAllText(_folder.File("erasure.json"), "{}");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_setting_is_read_from_the_configuration()
    {
        using var host = Host(
            ("Interval", "00:00:05"), ("Purges", "false"), ("Policy:Tolerance", "2.5"), ("Policy:Confidence", "0.8"), ("Policy:LeadTime", "2.00:00:00"),
            ("Policy:AuditModels", "4"), ("Policy:Methods:0", "nothing"), ("Policy:Methods:1", "EU"), ("Policy:Seconds:EU", "3"));
        var options = host.Services.GetRequiredService<IOptions<ErasureServiceOptions>>().Value;
        Assert.Equal((_folder.Path, TimeSpan.FromSeconds(5), false), (options.Folder, options.Interval, options.Purges));
        Assert.Equal((2.5, 0.8, TimeSpan.FromDays(2), 4),
            (options.Policy.Tolerance, options.Policy.Confidence, options.Policy.LeadTime, options.Policy.AuditModels));
        Assert.Equal(["nothing", "EU"], options.Policy.Methods);
        Assert.Equal(3, Assert.Contains("EU", options.Policy.Seconds!));
        // What is not set keeps its default.
        Assert.Equal(new MLNet.ErasurePolicy().LargestAccuracyLoss, options.Policy.LargestAccuracyLoss);
    }

    [Theory]
    [InlineData("Folder", "", "Folder is empty: name the folder")]
    [InlineData("Folder", "no-such-folder", "Folder is 'no-such-folder', which is no workspace of erasures")]
    [InlineData("Interval", "00:00:00", "Interval is 00:00:00: set it above 0")]
    [InlineData("Interval", "2.00:00:00", "Interval is 2.00:00:00: set it above 0 and to at most a day")]
    [InlineData("Policy:Confidence", "1", "Policy:Confidence is 1. Must be between 0 and 1")]
    [InlineData("Policy:Tolerance", "-1", "Policy:Tolerance is -1. Must be from 0")]
    [InlineData("Policy:LeadTime", "-1.00:00:00", "Policy:LeadTime is -1.00:00:00. Must be from 0")]
    [InlineData("Policy:AuditModels", "2", "Policy:AuditModels is 2. Must be 0, or at least 4")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string name, string value, string message)
    {
        using var host = Host((name, value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_wrong_settings_are_named_at_once()
    {
        using var host = Host(("Folder", ""), ("Interval", "-00:00:01"), ("Policy:Confidence", "2"));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, refused.Failures.Count());
    }

    [Theory]
    [InlineData("Policy:Confidence", "high", "Erasure:Policy:Confidence")]
    [InlineData("Intervall", "00:00:05", "Intervall")]
    [InlineData("Policy:Toleranz", "1", "Toleranz")]
    public async Task What_cannot_be_read_stops_the_start_and_is_named(string name, string value, string message)
    {
        using var host = Host((name, value));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(message, refused.ToString(), StringComparison.Ordinal);
    }

    private IHost Host(params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        foreach (var (name, value) in settings.Prepend(("Folder", _folder.Path)))
            builder.Configuration[$"Erasure:{name}"] = value;
        builder.Services.AddUnlearnErasure<ServiceCase.Data>(builder.Configuration.GetSection("Erasure"));
        return builder.Build();
    }
}
