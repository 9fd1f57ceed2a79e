using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Unlearn.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the labeling of rows to a service.</summary>
public static class LabelingServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="LabelingService"/> and the background service that does its work, with settings from the configuration.</summary>
    /// <typeparam name="TData">Gives recipe and rows. It is made once, by the container, unless it is registered already.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">The section with the members of <see cref="LabelingServiceOptions"/>. A name that they do not have stops the start.</param>
    /// <remarks>Settings are checked when the host starts, which throws an <see cref="OptionsValidationException"/> that names each wrong one.</remarks>
    public static IServiceCollection AddUnlearnLabeling<TData>(
        this IServiceCollection services, IConfiguration section) where TData : class, ILabelingData
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return services.Add<TData>(options => options.Bind(section, binder => binder.ErrorOnUnknownConfiguration = true));
    }

    /// <summary>Adds a <see cref="LabelingService"/> and the background service that does its work, with settings from code.</summary>
    /// <typeparam name="TData">Gives recipe and rows. It is made once, by the container, unless it is registered already.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <remarks>Settings are checked when the host starts, which throws an <see cref="OptionsValidationException"/> that names each wrong one.</remarks>
    public static IServiceCollection AddUnlearnLabeling<TData>(
        this IServiceCollection services, Action<LabelingServiceOptions> configure) where TData : class, ILabelingData
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add<TData>(options => options.Configure(configure));
    }

    private static IServiceCollection Add<TData>(this IServiceCollection services, Action<OptionsBuilder<LabelingServiceOptions>> configure)
        where TData : class, ILabelingData
    {
        services.TryAddSingleton<ILabelingData, TData>();
        return services.AddWorker<LabelingService, LabelingWorker, LabelingServiceOptions, LabelingServiceValidation>(configure);
    }
}
